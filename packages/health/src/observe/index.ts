export type { Check, CheckTime, RolloutView } from './check.ts';
export { createMetricsCheck } from './metrics-check.ts';
export type { MetricsRequest } from './metrics-observer.ts';
export { createProbeCheck } from './probe-check.ts';
export type { ProbeRequest } from './prober.ts';
export { createRolloutCheck } from './rollout-check.ts';
