import { logLikelihood } from './clustered-likelihood.ts';
import type { TimeSlot } from './time-slot.ts';

/** Shares above the limit that are looked for, as multiples of it. */
const suspected = [1.5, 2, 4] as const;

/**
 * When the last stretch ended in which the share was above the limit and old pods excused it; undefined
 * when there was none. It was nobody's fault, but nothing held during it. A stretch is one that Page's
 * cumulative sum finds (Biometrika 41, 1954) with odds of `1 / risk`.
 */
export function lastExcusedMs(
  slots: readonly TimeSlot[],
  limit: number,
  risk: number,
): number | undefined {
  const within = logLikelihood({ share: limit, correlation: 0 });
  const ends = suspected.map((times) => {
    const share = Math.min(times * limit, (limit + 1) / 2);
    const above = logLikelihood({ share, correlation: 0 });
    let [sum, end] = [0, -Infinity];
    for (const { total, bad, excused, atMs } of slots) {
      const more = above(total, bad) - within(total, bad);
      sum = Math.max(0, sum + more);
      if (excused > 0 && more > 0 && sum >= -Math.log(risk)) end = atMs;
    }
    return end;
  });
  const last = Math.max(...ends);
  return last === -Infinity ? undefined : last;
}
