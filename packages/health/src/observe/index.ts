export type { Check, CheckTime, EarlierPods, RolloutView } from './check.ts';
export {
  createMetricsCheck,
  errorShareName,
  type MetricsRequest,
  type PackedEvidence,
  unpackEvidence,
} from './metrics/index.ts';
export {
  countSentRequests,
  createProbeCheck,
  probeFindings,
  type ProbeRequest,
  type ProbesSeen,
  type SentRequests,
} from './probe/index.ts';
export { createRolloutCheck } from './rollout-check.ts';
export {
  createTrafficCheck,
  parseTraffic,
  safeOperations,
  type TrafficPlan,
  type TrafficRequest,
} from './traffic/index.ts';
