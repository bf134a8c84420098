export { namesInObjects } from './public-names.ts';
export { secretsInObjects } from './secret-values.ts';
export { checkSettings, keyAndValue, parseSetLines } from './set-values.ts';
export { type ValueSources, writeValueLayers } from './value-layers.ts';
export { isUrl, type ValuePorts } from './value-text.ts';
