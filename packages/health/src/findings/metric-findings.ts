import type { ScrapeState } from '@slipway/prometheus';
import { formatDuration } from '@slipway/runtime';
import {
  type Requirement,
  decideShare,
  usualRisk,
  type ShareDecision,
  type ShareRisk,
  type ShareUnit,
  type Finding,
} from '../judge/index.ts';

/** How long what is missing must have been missing to be counted on to stay so. */
export function settlesAfterMs(intervalMs: number): number {
  return Math.max(5 * intervalMs, 20_000);
}

/** Whether and why Prometheus could not be asked. */
export interface MetricsOutage {
  why: string;
  /** Nothing will change by waiting: the address, the credentials or the query are wrong. */
  settled: boolean;
}

/** What the outage means for every check that rests on metrics. */
export function outageFinding(check: string, outage: MetricsOutage): Finding {
  return {
    check,
    state: 'blind',
    settled: outage.settled,
    detail: outage.why,
    wouldChange: 'an answer from Prometheus',
    next: 'See that prometheus-url and its credentials are right and reach it from this runner.',
  };
}

/** How Prometheus sees the new pods, and since when nothing better was seen of the worst of them. */
export interface ScrapeEvidence {
  pods: readonly { name: string; state: ScrapeState }[];
  nowMs: number;
  worstForMs: number;
  intervalMs: number;
}

/** The built-in `up == 1` of every new pod, with the broken rung named. */
export function scrapeFinding(evidence: ScrapeEvidence): Finding {
  const check = 'up';
  const { pods, nowMs, worstForMs, intervalMs } = evidence;
  const settled = worstForMs >= settlesAfterMs(intervalMs);
  const lost = pods.find(({ state }) => state.rung === 'not-discovered');
  if (lost !== undefined)
    return {
      check,
      state: 'blind',
      settled: worstForMs >= 2 * settlesAfterMs(intervalMs),
      detail: `Prometheus does not know pod/${lost.name}: no scrape target is for it`,
      wouldChange: 'a scrape configuration, annotation or PodMonitor that finds the new pods',
      next: 'Compare the pod’s annotations and labels with the scrape configuration, on Prometheus’s page Service Discovery.',
    };
  for (const { name, state } of pods)
    if (state.rung === 'failing')
      return {
        check,
        state: 'blind',
        settled,
        detail: `Prometheus cannot scrape pod/${name} (${state.target.url}): ${state.error}`,
        wouldChange: 'up == 1 of every new pod',
        next: 'See that the metrics port listens and that the annotation or monitor names it.',
      };
  const up = pods.filter(({ state }) => state.rung === 'up').length;
  const detail = `up == 1 for ${up} of ${pods.length} new pods`;
  return pods.length > 0 && up === pods.length
    ? { check, state: 'good', detail, wellSinceMs: nowMs - worstForMs }
    : { check, state: 'open', detail, wouldChange: 'a scrape of every new pod' };
}

/** What the counters of one share say. */
export interface ShareEvidence {
  name: string;
  must: Requirement;
  units: readonly ShareUnit[];
  /** Why there is nothing to count, when there is not. */
  missing: { why: string; settled: boolean } | undefined;
  /** Prometheus's own doubts, such as partial results. */
  warnings: readonly string[];
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
  if (decided.rising)
    return {
      detail: `${seen}: the last ones may be above it`,
      wouldChange: `a share that stays ${must.text}`,
    };
  if (decided.missing === 0)
    return { detail: `${seen}: seen by one scrape only`, wouldChange: 'a second scrape' };
  return {
    detail: `${seen}: too few to tell`,
    wouldChange: `about ${decided.missing} more requests without a failure`,
    next: 'Send the new pods traffic during the verification, or take a later deadline.',
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
  const decided = decideShare(evidence.units, { limit: must.limit, nowMs, beganMs, risk });
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

/** One evaluation of a query. */
export interface Evaluation {
  atMs: number;
  outcome: 'holds' | 'violated' | 'no-data' | 'no-number' | 'partial';
  /** The worst value with its series: `0.25 of {pod="api-1"}`. */
  shown: string;
}

/** What one assertion's query gave so far, oldest first. */
export interface ValueEvidence {
  name: string;
  must: Requirement;
  evaluations: readonly Evaluation[];
  intervalMs: number;
  /** Why the query finds nothing, when it finds nothing. */
  missing: { why: string; settled: boolean } | undefined;
}

/** Evaluations on end that must agree, since one scrape can be an odd one. */
const agreeing = 3;

/**
 * Whether a query's values satisfy their requirement. Violated is certain when it was so three times on
 * end and over two scrapes; at the deadline the last evaluations count. No value is never a pass.
 */
export function valueFinding(
  evidence: ValueEvidence,
  time: { nowMs: number; over: boolean },
): Finding {
  const { name: check, must, evaluations, missing } = evidence;
  const last = evaluations.at(-1);
  if (last === undefined)
    return { check, state: 'open', detail: 'not evaluated yet', wouldChange: 'more time' };
  const begin = evaluations.findLastIndex(({ outcome }) => outcome !== last.outcome) + 1;
  const run = evaluations.slice(begin);
  const forMs = last.atMs - (run[0]?.atMs ?? last.atMs);
  const sure = run.length >= agreeing && forMs >= 2 * evidence.intervalMs;
  const wouldChange = `a value ${must.text}`;
  if (last.outcome === 'violated') {
    const detail = `${last.shown}, must be ${must.text}, for ${formatDuration(forMs)}`;
    return {
      check,
      state: sure || (time.over && run.length >= 2) ? 'bad' : 'open',
      detail,
      wouldChange,
    };
  }
  if (last.outcome === 'partial')
    return { check, state: 'blind', detail: last.shown, wouldChange: 'a whole answer' };
  if (last.outcome === 'holds')
    return {
      check,
      wellSinceMs: run[0]?.atMs ?? last.atMs,
      ...(run.length >= 2
        ? { state: 'good', detail: `${last.shown}, must be ${must.text}` }
        : { state: 'open', detail: `${last.shown}, seen once`, wouldChange }),
    };
  return {
    check,
    state: 'open',
    settled: missing?.settled ?? false,
    detail: missing?.why ?? last.shown,
    wouldChange: 'a number to compare',
    next: 'Evaluate the query on Prometheus’s own page; no data is never a pass.',
  };
}
