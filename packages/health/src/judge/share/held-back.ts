import { logBinomialTail } from './binomial-tail.ts';
import { countsOf } from './share-group.ts';
import type { ShareUnit } from './share-unit.ts';

/** What failed within this time of the first request that is judged is a failure at the start. */
const startMs = 60_000;

/** What keeps a release from passing, however well its last requests went. */
export type HeldBack =
  /** More of all its requests failed than the limit allows. */
  | 'share'
  /** More of those of its first minute did, and that is no accident of few requests. */
  | 'start';

/**
 * Whether the requests as a whole speak against a pass. That the failures came in one thick cluster may explain them, as
 * where a scrape a minute cannot tell twelve seconds of nothing but failures from a share; but nobody would call it good.
 * What came before `sinceMs` is left out: old pods excuse it. So many failures in the first minute as hold it back for
 * good come with a probability of at most `risk` where the share is that of the limit; without `startHolds`, none do.
 */
export function heldBack(
  units: readonly ShareUnit[],
  {
    limit,
    sinceMs,
    risk,
    startHolds,
  }: { limit: number; sinceMs: number; risk: number; startHolds: boolean },
): HeldBack | undefined {
  const kept = units.filter(({ fromMs }) => fromMs >= sinceMs);
  const firstMs = units.reduce((first, { fromMs }) => Math.min(first, fromMs), Infinity);
  const untilMs = firstMs + startMs;
  const start = countsOf(kept.filter(({ fromMs, atMs }) => (fromMs + atMs) / 2 <= untilMs));
  if (startHolds && logBinomialTail(start, limit) < Math.log(risk)) return 'start';
  const { bad, total } = countsOf(kept);
  return bad > limit * total ? 'share' : undefined;
}
