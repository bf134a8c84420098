/** GitHub, as the flow needs it. */
export {
  githubRepository,
  type GitHubRepository,
  type RepositoryOptions,
} from './github-repository.ts';
export { GitHubError } from './github-error.ts';
export { unreadableFields, type DeployedVersion } from './deployment-payload.ts';
export type { RecordedDeployment } from './deployment-pages.ts';
export { openLedger, type DeploymentLedger } from './deployment-ledger.ts';
export {
  readDeployed,
  type DeployedQuestion,
  type DeployedServices,
} from './deployment-reading.ts';
export {
  addDeploymentStatus,
  createDeployment,
  type DeploymentState,
  type DeploymentStatus,
} from './deployment-writing.ts';
export { readSuccesses, type Successes, type SuccessQuestion } from './deployment-successes.ts';
export {
  formatTested,
  formatTestedClaim,
  parseTested,
  parseTestedClaim,
  type PassedTests,
  type TestedClaim,
} from './tested-claim.ts';
export { findTestedTree, recordTestedTree, type TestedTree } from './tested-tree.ts';
