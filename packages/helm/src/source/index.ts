export { isCommitId } from './commit-id.ts';
export { type CommitHistory, gitHistory } from './commit-history.ts';
export { deployedCommits, type DeployedSource } from './deployed-commits.ts';
export type { GitPlace } from './git.ts';
export { checkSource, deployedCommit, type Source, SourceRefusedError } from './source-check.ts';
export type { SourcePolicy } from './source-rule.ts';
export { canStamp, commitLabel, type Stamp, stampedPlan, stampLabels } from './stamp.ts';
