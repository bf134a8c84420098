export {
  startFakeGitHub,
  type FakeGitHub,
  type GitHubFault,
  type SeenRequest,
} from './fake-github.ts';
export {
  addDeployment,
  type StoredCommitStatus,
  type StoredDeployment,
  type StoredPull,
  type StoredRepository,
} from './stored-repository.ts';
