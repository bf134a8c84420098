export { readChartFiles } from './chart-files.ts';
export { readOrigin } from './cluster-needs.ts';
export { fingerprintOf, recognized } from './fingerprint.ts';
export { readRenderInputs, type RenderInputs } from './render-inputs.ts';
