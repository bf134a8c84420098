import type { ShareUnit } from './share-unit.ts';

/** What has failed for longer is a matter of many more requests. */
const freshMs = 30_000;
/** So much before that is looked at for failures that are older. */
const beforeMs = 10_000;
const fewestMs = 2_500;

/**
 * Whether more requests fail now than `limit` allows, and of those of the verification did not half a minute ago:
 * then the next scrape may decide, and is worth a look as soon as it has come. No verdict rests on it. `intervalMs` is
 * that of the scrapes.
 */
export function failsFreshly(
  units: readonly ShareUnit[],
  time: { limit: number; beganMs: number; nowMs: number; intervalMs: number },
): boolean {
  const { limit, beganMs, nowMs, intervalMs } = time;
  const isAbove = (fromMs: number, untilMs: number): boolean => {
    let [total, bad] = [0, 0];
    for (let index = units.length - 1; index >= 0; index -= 1) {
      const unit = units[index];
      if (unit === undefined || unit.atMs <= fromMs) break;
      if (unit.atMs > untilMs) continue;
      total += unit.total;
      bad += unit.bad;
    }
    return bad > limit * total;
  };
  const lastMs = nowMs - Math.max(fewestMs, 1.25 * intervalMs);
  const freshSinceMs = Math.min(nowMs - freshMs, lastMs);
  return (
    isAbove(lastMs, nowMs) && !isAbove(Math.max(beganMs, freshSinceMs - beforeMs), freshSinceMs)
  );
}
