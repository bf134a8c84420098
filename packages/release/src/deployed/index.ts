export { commitsSince, type CommitLine, type CommitsSince } from './commits-since.ts';
export { dueServices, type KnownDeployments } from './due-services.ts';
