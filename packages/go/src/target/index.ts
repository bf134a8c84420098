export { type GoPort, readPorts } from './supported-target.ts';
export { parseTarget, parseTargets, type Target } from './target.ts';
