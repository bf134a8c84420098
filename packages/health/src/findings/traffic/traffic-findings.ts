import { count } from '@slipway/runtime';
import { decideShare, type Finding, type ShareDecision } from '../../judge/index.ts';
import { trafficLatencyFinding } from './traffic-latency.ts';
import type { TrafficSeen } from './traffic-seen.ts';

const check = 'traffic';

/** The smallest duration that this share of the answers did not exceed. */
function quantile(durationsMs: readonly number[], share: number): number {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

/** What our own requests say of the release: whether they failed, and whether they took too long. */
export function trafficFindings(
  seen: TrafficSeen,
  time: { nowMs: number; beganMs: number },
): Finding[] {
  const latency = trafficLatencyFinding(seen, time);
  return [trafficFinding(seen, time), ...(latency === undefined ? [] : [latency])];
}

/** What would let the share of failed requests pass. */
function lacking(held: ShareDecision['held'], missing: number): string {
  if (held === 'start') return 'a start without these failures';
  return held === 'share'
    ? 'a smaller share of all requests'
    : `about ${missing} more requests without a failure`;
}

/** Whether too many failed, by the test that judges those of users. */
function trafficFinding(seen: TrafficSeen, time: { nowMs: number; beganMs: number }): Finding {
  const { units, pods, answered, limit, lastFailure, durationsMs, unasked } = seen;
  if (unasked !== undefined && answered === 0)
    return {
      check,
      state: 'blind',
      settled: unasked.settled,
      ...(unasked.final === true ? { final: true } : {}),
      detail: `requests of our own cannot be sent: ${unasked.why}`,
      wouldChange: 'a way from the API server to the pods',
      ...(unasked.next === undefined ? {} : { next: unasked.next }),
      wellSinceMs: time.beganMs,
    };
  const { nowMs, beganMs } = time;
  const decided = decideShare(units, { limit, nowMs, beganMs });
  const { total, bad, decision, missing, held, wellSinceMs } = decided;
  const well = wellSinceMs === undefined ? {} : { wellSinceMs };
  const failure = lastFailure === undefined ? '' : `; last: ${lastFailure}`;
  const speed =
    durationsMs.length === 0
      ? ''
      : `, half in ${quantile(durationsMs, 0.5)} ms and 99 % in ${quantile(durationsMs, 0.99)} ms`;
  const detail =
    total === 0
      ? 'no request of our own has been answered yet'
      : `${bad} of ${count(total, 'request')} of our own failed, ${percent(bad / total)}, must be < ${percent(limit)}${speed}${failure}`;
  if (decision === 'above')
    return { check, state: 'bad', detail, wouldChange: `a share < ${percent(limit)}` };
  if (decision === 'below' && answered >= pods) return { check, state: 'good', detail, ...well };
  return {
    check,
    state: 'open',
    detail,
    ...well,
    wouldChange: answered < pods ? 'an answer of every new pod' : lacking(held, missing),
    next:
      held === 'start'
        ? 'Look at what the new pods answered when they began, then verify again.'
        : 'Raise traffic-rate, or take a later deadline.',
  };
}
