export type { Check, CheckTime, RolloutView } from './check.ts';
export { createMetricsCheck, errorShareName, type MetricsRequest } from './metrics/index.ts';
export { createProbeCheck } from './probe-check.ts';
export type { ProbeRequest } from './prober.ts';
export { createRolloutCheck } from './rollout-check.ts';
