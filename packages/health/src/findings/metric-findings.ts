import {
  type Requirement,
  decideShare,
  usualRisk,
  type ShareRisk,
  type ShareUnit,
  type Finding,
} from '../judge/index.ts';
import type { Missing } from './metric-evidence.ts';

/** What the counters of one share say. */
export interface ShareEvidence {
  name: string;
  must: Requirement;
  units: readonly ShareUnit[];
  /** Why there is nothing to count, when there is not. */
  missing: Missing | undefined;
  /** Prometheus's own doubts, such as partial results. */
  warnings: readonly string[];
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** Whether a share of requests is within its limit, as far as their number can tell. */
export function shareFinding(evidence: ShareEvidence, risk: ShareRisk = usualRisk): Finding {
  const { name: check, must, missing, warnings } = evidence;
  const decided = decideShare(evidence.units, must.limit, risk);
  const { total, bad, decision, interval } = decided;
  const [low, high] = interval;
  const seen =
    total === 0
      ? 'no requests'
      : `${bad} of ${total} requests, ${percent(bad / total)} (95 % interval ${percent(low)} to ${percent(high)}), must be ${must.text}`;
  if (decision === 'above')
    return { check, state: 'bad', detail: seen, wouldChange: `a share ${must.text}` };
  if (total === 0 && missing !== undefined)
    return {
      check,
      state: 'open',
      settled: missing.settled,
      detail: missing.why,
      wouldChange: 'the counters of the new pods',
      next: 'See that the metric and its labels are those the new release exports.',
    };
  if (warnings[0] !== undefined)
    return {
      check,
      state: 'blind',
      detail: `${seen}; but Prometheus warns: ${warnings[0]}`,
      wouldChange: 'an answer without warnings',
    };
  // The share test itself watches over the soak.
  const wellSinceMs = 0;
  if (decision === 'below') return { check, state: 'good', detail: seen, wellSinceMs };
  return {
    check,
    state: 'open',
    wellSinceMs,
    detail: `${seen}: too few to tell`,
    wouldChange: `about ${decided.missing} more requests without a failure`,
    next: 'Send the new pods traffic during the verification, or take a later deadline.',
  };
}
