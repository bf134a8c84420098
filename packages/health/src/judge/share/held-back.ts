import { countsOf } from './share-group.ts';
import type { ShareUnit } from './share-unit.ts';
import { wilsonInterval } from './wilson-interval.ts';

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
 * What came before `sinceMs` is left out: old pods excuse it.
 */
export function heldBack(
  units: readonly ShareUnit[],
  { limit, sinceMs }: { limit: number; sinceMs: number },
): HeldBack | undefined {
  const kept = units.filter(({ fromMs }) => fromMs >= sinceMs);
  const untilMs = Math.min(...units.map(({ fromMs }) => fromMs)) + startMs;
  const start = countsOf(kept.filter(({ fromMs, atMs }) => (fromMs + atMs) / 2 <= untilMs));
  const [atLeast] = wilsonInterval(start.bad, start.total);
  if (atLeast > limit) return 'start';
  const { bad, total } = countsOf(kept);
  return bad > limit * total ? 'share' : undefined;
}
