import { formatDuration } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';
import type { EvaluationRun, ValueCheck } from './metric-evidence.ts';

/** Evaluations on end that must agree, since one scrape can be an odd one. */
const agreeing = 3;
/** Runs that are kept: older ones change nothing. */
const runsKept = 20;
/** A silence after which nothing vouches for what happened meanwhile. */
const gapMs = 20_000;

const patienceMs = (intervalMs: number): number => Math.max(gapMs, 3 * intervalMs);

/** The runs with one more evaluation; `intervalMs` is how often the pods are scraped. */
export function addEvaluation(
  runs: readonly EvaluationRun[],
  one: { outcome: EvaluationRun['outcome']; shown: string; atMs: number },
  intervalMs: number,
): readonly EvaluationRun[] {
  const { outcome, shown, atMs } = one;
  const last = runs.at(-1);
  if (last?.outcome === outcome && atMs - last.toMs <= patienceMs(intervalMs))
    return [...runs.slice(0, -1), { ...last, toMs: atMs, times: last.times + 1, shown }];
  return [...runs, { outcome, fromMs: atMs, toMs: atMs, times: 1, shown }].slice(-runsKept);
}

/**
 * Whether a query's values satisfy their requirement. Violated is certain when it was so three times on
 * end and over two scrapes; at the deadline the last evaluations count. No value is never a pass. It has
 * held since the first evaluation of the last run that held.
 */
export function valueFinding(
  evidence: Pick<ValueCheck, 'name' | 'must' | 'runs' | 'missing'>,
  time: { nowMs: number; intervalMs: number; over: boolean },
): Finding {
  const { name: check, must, runs, missing } = evidence;
  const last = runs.at(-1);
  if (last === undefined)
    return { check, state: 'open', detail: 'not evaluated yet', wouldChange: 'more time' };
  const { outcome, times, shown, fromMs, toMs } = last;
  const forMs = toMs - fromMs;
  const wouldChange = `a value ${must.text}`;
  if (outcome === 'violated') {
    const detail = `${shown}, must be ${must.text}, for ${formatDuration(forMs)}`;
    const sure = times >= agreeing && forMs >= 2 * time.intervalMs;
    const state = sure || (time.over && times >= 2) ? 'bad' : 'open';
    return { check, state, detail, wouldChange };
  }
  if (outcome === 'holds' && time.nowMs - toMs > patienceMs(time.intervalMs)) {
    const detail = `${shown}, but not evaluated for ${formatDuration(time.nowMs - toMs)}`;
    return { check, state: 'open', detail, wouldChange: 'an answer from Prometheus' };
  }
  if (outcome === 'holds')
    return {
      check,
      wellSinceMs: fromMs,
      ...(times >= 2
        ? { state: 'good', detail: `${shown}, must be ${must.text}` }
        : { state: 'open', detail: `${shown}, seen once`, wouldChange }),
    };
  return {
    check,
    state: missing?.final === true ? 'blind' : 'open',
    settled: missing?.settled ?? false,
    ...(missing?.final === true ? { final: true } : {}),
    detail: missing?.why ?? shown,
    wouldChange: 'a number to compare',
    next: 'Evaluate the query on Prometheus’s own page; no data is never a pass.',
  };
}
