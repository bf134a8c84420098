export {
  type EffectiveValue,
  effectiveValues,
  readValueLayers,
  type ValueLayer,
} from './effective-values.ts';
export { asksForSecret, holdsSecret } from './secret-key.ts';
export { type ChartValues, chartValues } from './subchart-values.ts';
export { shownText } from './shown-text.ts';
export { namesInObjects } from './public-names.ts';
export { secretsInObjects } from './secret-values.ts';
export { checkSettings, keyAndValue, parseSetLines } from './set-values.ts';
export { type ValueSources, writeValueLayers } from './value-layers.ts';
export { isUrl, type ValuePorts } from './value-text.ts';
