import type { Finding } from '../judge/index.ts';
import { isForTraffic, latencyFinding } from './latency-finding.ts';
import type { MetricCheck, MetricsEvidence } from './metric-evidence.ts';
import { shareFinding } from './metric-findings.ts';
import { outageFinding } from './outage-finding.ts';
import { refusalFinding } from './refusal-finding.ts';
import { scrapedAllMs, scrapeFinding } from './scrape-findings.ts';
import { valueFinding } from './value-findings.ts';

/** The times of a look, and what follows from them. */
interface LookTime {
  nowMs: number;
  beganMs: number;
  elapsedMs: number;
  deadlineMs: number;
}

function withLeftOut(finding: Finding, { leftOut }: { leftOut: string }): Finding {
  return leftOut === '' ? finding : { ...finding, detail: `${finding.detail}; ${leftOut}` };
}

function findingsOf(check: MetricCheck, evidence: MetricsEvidence, time: LookTime): Finding[] {
  const { intervalMs } = evidence;
  if (check.kind === 'up') return [scrapeFinding(evidence, time)];
  const over = time.elapsedMs >= time.deadlineMs;
  if (check.kind === 'value') return [valueFinding(check, { nowMs: time.nowMs, intervalMs, over })];
  if (check.kind === 'latency')
    return isForTraffic(check) ? [] : [withLeftOut(latencyFinding(check, time), check)];
  const refused = refusalFinding(check);
  return [
    withLeftOut(shareFinding(check, time), check),
    ...(refused === undefined ? [] : [refused]),
  ];
}

/** What Prometheus's answers say: a pure function of the evidence and the time. */
export function metricFindings(evidence: MetricsEvidence, time: LookTime): Finding[] {
  const sampledMs = scrapedAllMs(evidence);
  const sampled = sampledMs === undefined ? {} : { sampledMs };
  return evidence.checks.flatMap((check) => {
    if (check.outage !== undefined) return [outageFinding(check.name, check.outage, time)];
    return findingsOf(check, evidence, time).map((finding) => ({ ...sampled, ...finding }));
  });
}
