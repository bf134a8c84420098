export type { ClusterRelease } from './cluster-release.ts';
export { commitsSince, type CommitLine, type CommitsSince } from './commits-since.ts';
export { dueServices } from './due-services.ts';
export { goneServices, type ForeignDeployment } from './gone-services.ts';
export { knownDeployments, type KnownDeployments, type KnownPlace } from './known-deployments.ts';
