export {
  checkEnvironment,
  defaultEnvironments,
  environmentKeys,
  readEnvironments,
  type EnvironmentKey,
} from './environment.ts';
export {
  readEvent,
  type EventSource,
  type NoRelease,
  type ReleaseEvent,
  type ReleaseKind,
} from './event/index.ts';
export { deployments, maxMatrixJobs, splitByTarget, type MatrixEntry } from './matrix.ts';
export { releaseContext, type ReleaseContext } from './release-context.ts';
export {
  planRelease,
  type AffectedServices,
  type PlanFacts,
  type ReleasePlan,
} from './release-plan.ts';
export { pseudoVersion, readTag, type ReleaseTag } from './release-version.ts';
export { checkTagFormat, defaultTagFormats } from './tag-format.ts';
export { everyTest, findAffected, testsOfServices, type AffectedQuestion } from './affected.ts';
export {
  commitsSince,
  dueServices,
  goneServices,
  knownDeployments,
  type ClusterRelease,
  type CommitLine,
  type CommitsSince,
  type ForeignDeployment,
  type KnownDeployments,
  type KnownPlace,
} from './deployed/index.ts';
export { unchangedSince } from './unchanged-since.ts';
export { taggedTests, untaggedTests, type TaggedTests } from './tagged-tests.ts';
export { namedTestEntry, rootPatterns, testEntries, type TestEntry } from './test-entry.ts';
export { testsNames } from './tests-name.ts';
export {
  discoverServices,
  isTarget,
  readOwnFile,
  readRootFleet,
  serviceFolders,
  type Discovery,
  type Repository,
  type Service,
  type ServiceSelection,
} from './service/index.ts';
