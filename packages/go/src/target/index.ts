export { externalLinker } from './external-linking.ts';
export { type GoPort, readPorts } from './supported-target.ts';
export { expandTargets, type TargetList } from './target-list.ts';
export { parseTarget, type Target } from './target.ts';
