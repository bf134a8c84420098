import { logLikelihood } from './clustered-likelihood.ts';
import type { TimeSlot } from './time-slot.ts';

/** Odds, as a natural logarithm, from which the last slots are taken for a turn. */
const enough = 2;
/** A turn is looked for within this part of the slots, the last ones. */
const lastPart = 0.6;

/**
 * Whether the last slots look like a share above the limit rather than like those before them. It proves
 * nothing, but nobody should call a release healthy at that moment.
 */
export function turnsLate(slots: readonly TimeSlot[], limit: number): boolean {
  const all = slots.reduce((sum, { total }) => sum + total, 0);
  const failed = slots.reduce((sum, { bad }) => sum + bad, 0);
  const above = [1.5, 2, 4]
    .map((times) => Math.min(times * limit, (limit + 1) / 2))
    .map((share) => logLikelihood({ share, correlation: 0 }));
  const first = Math.max(0, Math.floor(slots.length * (1 - lastPart)));
  let [total, bad] = [0, 0];
  for (let index = slots.length - 1; index >= first; index -= 1) {
    total += slots[index]?.total ?? 0;
    bad += slots[index]?.bad ?? 0;
    if (bad === 0 || (index > 0 && slots[index]?.bad === 0)) continue;
    // Some failures are expected of every release, also when few requests came before.
    const before = (failed - bad + 1) / (all - total + 2 / limit);
    const usual = logLikelihood({ share: Math.min(before, limit), correlation: 0 })(total, bad);
    if (Math.max(...above.map((of) => of(total, bad))) - usual >= enough) return true;
  }
  return false;
}
