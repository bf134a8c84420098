export {
  type ClusterOutage,
  clusterOutage,
  lackingRights,
  supersededRevision,
} from './cluster-findings.ts';
export type {
  EvaluationRun,
  LatencyCheck,
  MetricCheck,
  MetricsEvidence,
  MetricsOutage,
  Missing,
  PodUnit,
  ScrapedPod,
  ShareCheck,
  ValueCheck,
} from './metric-evidence.ts';
export { shareFinding } from './metric-findings.ts';
export { podFinding } from './pod-findings.ts';
export {
  newProbeRecord,
  probeFinding,
  type ProbeOutcome,
  type ProbeRecord,
  recordProbe,
} from './probe-findings.ts';
export { metricFindings } from './prometheus-findings.ts';
export { rolloutFinding } from './rollout-findings.ts';
export { scrapeFinding, settlesAfterMs } from './scrape-findings.ts';
export { addEvaluation, valueFinding } from './value-findings.ts';
