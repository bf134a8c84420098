export { isJson, type Json } from './json.ts';
export { patchBetween } from './merge-patch.ts';
export { repeatedVariables } from './repeated-variables.ts';
export { fulfilled, threeWayMerge } from './three-way-merge.ts';
export { isTyped } from './merge-rules.ts';
