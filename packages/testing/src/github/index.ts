export {
  startFakeGitHub,
  type FakeGitHub,
  type GitHubFault,
  type SeenRequest,
} from './fake-github.ts';
export type { StoredApp } from './stored-app.ts';
export {
  addDeployment,
  type StoredCommitStatus,
  type StoredDeployment,
  type StoredPull,
  type StoredRepository,
} from './stored-repository.ts';
