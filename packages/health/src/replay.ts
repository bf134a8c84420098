import { replayPredicate, type HealthPredicate, type Replay } from './certificate/index.ts';
import {
  metricFindings,
  replayRollout,
  trafficFindings,
  type RolloutEvidence,
  type TrafficSeen,
} from './findings/index.ts';
import { judge, soakOf, type Finding } from './judge/index.ts';
import {
  probeFindings,
  unpackEvidence,
  type CheckTime,
  type PackedEvidence,
  type ProbesSeen,
} from './observe/index.ts';

/** The pure rule of each check: what its evidence says at one instant. */
const rules: Readonly<Record<string, (evidence: unknown, time: CheckTime) => readonly Finding[]>> =
  {
    rollout: (evidence, time) => replayRollout(evidence as RolloutEvidence, time),
    probes: (evidence, time) => probeFindings(evidence as ProbesSeen, time),
    traffic: (evidence, time) => trafficFindings(evidence as TrafficSeen, time),
    metrics: (evidence, time) => metricFindings(unpackEvidence(evidence as PackedEvidence), time),
  };

function rejudge({ request, time, evidence }: HealthPredicate) {
  const { minSoakMs, deadlineMs } = request;
  const { beganMs, judgedMs: nowMs } = time;
  const elapsedMs = nowMs - beganMs;
  const findings = evidence.flatMap(
    (one) => rules[one.check]?.(one.evidence, { nowMs, beganMs, elapsedMs, deadlineMs }) ?? [],
  );
  return judge(findings, { ...soakOf(findings, nowMs), elapsedMs, minSoakMs, deadlineMs });
}

/**
 * Judges the evidence of a certificate again, by the rules of this version. Pure, and needs no cluster
 * and no Prometheus. A check whose evidence cannot be replayed is named; it never counts as held.
 */
export function replay(predicate: HealthPredicate): Replay {
  try {
    return replayPredicate(predicate, { known: Object.keys(rules), rejudge });
  } catch (error) {
    // Evidence that no version of Slipway has written.
    return { kind: 'unreplayable', why: `its evidence is not of its form: ${String(error)}` };
  }
}
