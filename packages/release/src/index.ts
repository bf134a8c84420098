export {
  checkEnvironment,
  defaultEnvironments,
  environmentKeys,
  readEnvironments,
  type EnvironmentKey,
} from './environment.ts';
export { readEvent, type EventSource, type ReleaseEvent, type ReleaseKind } from './event.ts';
export { deployments, splitByTarget, type MatrixEntry } from './matrix.ts';
export type { NoRelease } from './published-release.ts';
export { releaseContext, type ReleaseContext } from './release-context.ts';
export {
  planRelease,
  type AffectedServices,
  type PlanFacts,
  type ReleasePlan,
} from './release-plan.ts';
export type { Service } from './service.ts';
export { discoverServices, type Discovery, type ServiceSelection } from './service-discovery.ts';
export { isTarget, type ServiceSettings } from './service-settings.ts';
export { pseudoVersion, readTag, type ReleaseTag } from './release-version.ts';
export { checkTagFormat, defaultTagFormats } from './tag-format.ts';
export { everyTest, findAffected, testsOfServices, type AffectedQuestion } from './affected.ts';
export { serviceFolders, type Repository } from './repository.ts';
export {
  commitsSince,
  dueServices,
  type CommitLine,
  type CommitsSince,
  type KnownDeployments,
} from './deployed/index.ts';
export { rootPatterns, testEntries, type TestEntry } from './test-entry.ts';
