import type { Finding } from '../judge/index.ts';
import type { MetricsOutage } from './metric-evidence.ts';

/** A server that never answered in this long is taken for absent. */
const neverAnsweredMs = 30_000;

/**
 * What an outage means for a check. Nothing passes while it lasts; it breaks no soak, since what was read
 * before still holds when Prometheus comes back.
 */
export function outageFinding(
  check: string,
  outage: MetricsOutage,
  time: { nowMs: number },
): Finding {
  const forMs = time.nowMs - outage.sinceMs;
  const final = outage.final && !outage.answered;
  return {
    check,
    state: 'blind',
    settled: final || (!outage.answered && forMs >= neverAnsweredMs),
    ...(final ? { final } : {}),
    detail: outage.why,
    wouldChange: 'an answer from Prometheus',
    next: 'See that prometheus-url and its credentials are right and reach it from this runner.',
  };
}
