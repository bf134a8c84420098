export { createMetricsCheck } from './metrics-check.ts';
export { errorShareName, type MetricsRequest } from './metrics-request.ts';
export { type PackedEvidence, unpackEvidence } from './packed-evidence.ts';
