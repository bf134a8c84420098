export {
  type ClusterOutage,
  clusterOutage,
  lackingRights,
  supersededRevision,
} from './cluster-findings.ts';
export { deadlineFinding } from './deadline-finding.ts';
export {
  imageFinding,
  isReleased,
  parseReleasedImage,
  type ReleasedImage,
} from './image-finding.ts';
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
export { type ProbeEvidence, probeFinding } from './probe-findings.ts';
export {
  condensed,
  excuse,
  newProbeRecord,
  type ProbeOutcome,
  type ProbeRecord,
  recordProbe,
} from './probe-record.ts';
export {
  gapMs,
  type ReleaseEvidence,
  releaseFindings,
  type ReleaseSight,
  replayRollout,
  type RolloutEvidence,
} from './rollout-evidence.ts';
export { rolloutFinding } from './rollout-findings.ts';
export {
  fillsWithinMs,
  type ServingEvidence,
  servingFinding,
  type ServingService,
  type Unserved,
} from './serving-finding.ts';
export { type Series, servingSeries, shareSeries } from './series.ts';
export {
  slowUnits,
  trafficFindings,
  trafficLatencyName,
  type TrafficSeen,
  type TrafficUnit,
} from './traffic/index.ts';
export { metricFindings } from './prometheus-findings.ts';
export { scrapeFinding, settlesAfterMs } from './scrape-findings.ts';
export { addEvaluation, valueFinding } from './value-findings.ts';
