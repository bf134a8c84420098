import {
  type ControlUnit,
  type Requirement,
  decideShare,
  usualRisk,
  type ShareDecision,
  type ShareRisk,
  type ShareUnit,
  type Finding,
} from '../judge/index.ts';
import type { Missing } from './metric-evidence.ts';
import { sharedShare } from './share/shared-finding.ts';

/** What the counters of one share say. */
export interface ShareEvidence {
  name: string;
  must: Requirement;
  units: readonly ShareUnit[];
  /** Why there is nothing to count, when there is not. */
  missing: Missing | undefined;
  /** Prometheus's own doubts, such as partial results. */
  warnings: readonly string[];
  /** What pods of earlier revisions counted at the same time. */
  control?: readonly ControlUnit[];
  /**
   * Whether what surely was too much in the first minute keeps it from passing for good; true when absent. It is not
   * meant for answers that came, though slowly, while caches filled.
   */
  startHolds?: boolean;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** The requests with their share: those that speak against the release, else all. */
function shareSeen(decided: ShareDecision, must: Requirement, nowMs: number): string {
  const isAgainst = decided.decision === 'above' && decided.against !== undefined;
  const { total, bad, interval } = isAgainst ? (decided.against ?? decided) : decided;
  if (total === 0) return 'no requests';
  const sinceMs = total < decided.total ? decided.against?.sinceMs : undefined;
  const since =
    sinceMs === undefined ? '' : ` in the last ${Math.ceil((nowMs - sinceMs) / 1000)} s`;
  const [low, high] = interval;
  const { where } = decided;
  const place =
    where === undefined
      ? ''
      : `; ${where.kind}/${where.name} failed ${where.bad} of its ${where.total}`;
  return `${bad} of ${total} requests${since}, ${percent(bad / total)} (95 % interval ${percent(low)} to ${percent(high)}), must be ${must.text}${place}`;
}

/** What keeps a share that is not above its limit from being below it. */
function openShare(decided: ShareDecision, must: Requirement, seen: string) {
  if (decided.shared !== undefined) return sharedShare(decided.shared, must, seen);
  if (decided.rising)
    return {
      detail: `${seen}: the last ones may be above it`,
      wouldChange: `a share that stays ${must.text}`,
    };
  if (decided.held === 'start')
    return {
      detail: `${seen}: more than allowed in the first minute`,
      wouldChange: 'a start without these failures',
      next: 'Look at what the new pods answered when they began, then verify again.',
    };
  if (decided.held === 'share')
    return {
      detail: `${seen}: more than allowed, though not of the last ones`,
      wouldChange: `a share of all requests ${must.text}`,
    };
  if (decided.missing === 0)
    return { detail: `${seen}: seen by one scrape only`, wouldChange: 'a second scrape' };
  return {
    detail: `${seen}: too few to tell`,
    wouldChange: `about ${decided.missing} more requests without a failure`,
    next: 'Send the new pods traffic during the verification (the input traffic does), or take a later deadline.',
  };
}

/** Whether the share of requests is within its limit now, as far as their number can tell. */
export function shareFinding(
  evidence: ShareEvidence,
  time: { nowMs: number; beganMs: number },
  risk: ShareRisk = usualRisk,
): Finding {
  const { name: check, must, missing, warnings } = evidence;
  const { nowMs, beganMs } = time;
  const { units, control = [], startHolds = true } = evidence;
  const question = { limit: must.limit, nowMs, beganMs, risk, control, startHolds };
  const decided = decideShare(units, question);
  const { total, decision, wellSinceMs, sampledMs } = decided;
  const seen = shareSeen(decided, must, nowMs);
  if (decision === 'above')
    return { check, state: 'bad', detail: seen, sampledMs, wouldChange: `a share ${must.text}` };
  const well = wellSinceMs === undefined ? {} : { wellSinceMs };
  if (total === 0 && missing !== undefined)
    return {
      check,
      state: 'open',
      ...well,
      settled: missing.settled,
      ...(missing.final === true ? { final: true } : {}),
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
  if (decision === 'below') return { check, state: 'good', detail: seen, ...well, sampledMs };
  return { check, state: 'open', ...well, sampledMs, ...openShare(decided, must, seen) };
}
