export { controlOf, createControlReader } from './control-reading.ts';
export { type EarlierNames, earlierNamesOf } from './earlier-names.ts';
export { recallGonePods } from './recalling.ts';
export { createOldPods, type OldPods } from './old-pods.ts';
