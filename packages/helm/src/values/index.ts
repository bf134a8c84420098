export { namesInObjects } from './public-names.ts';
export { secretsInObjects } from './secret-values.ts';
export { parseSetLines } from './set-values.ts';
export { type ValueSources, writeValueLayers } from './value-layers.ts';
