export { type GoPort, readPorts } from './go-ports.ts';
export { parseTarget, parseTargets, type Target } from './target.ts';
