export { controlOf, createControlReader } from './control-reading.ts';
export { findGonePods } from './gone-pods.ts';
export { createOldPods, type OldPods } from './old-pods.ts';
