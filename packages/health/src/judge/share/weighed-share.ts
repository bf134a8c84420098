import { evidenceAbove, type AboveEvidence } from './evidence-above.ts';
import { failureLasts } from './lasting-failure.ts';
import { groupEvidence, pooledWeight, type GroupEvidence } from './share-group.ts';
import type { ExcusedUnit, ShareUnit } from './share-unit.ts';
import { timeSlots } from './time-slot.ts';

/** What speaks against a release: of all requests together, and of each pod, node and route. */
export interface WeighedShare {
  pooled: AboveEvidence | undefined;
  groups: readonly GroupEvidence[];
  /** It is enough to call the share above its limit. */
  above: boolean;
}

/** What is weighed: the units with what they say, and their part of the whole. */
interface Part {
  units: readonly ShareUnit[];
  evidence: AboveEvidence | undefined;
  logWeight: number;
}

/** Whether the average of all evidence is enough, counting failures that last. */
function isAbove(parts: readonly Part[], risk: number): boolean {
  const weighed = parts.map(({ evidence, logWeight }) => (evidence?.log ?? -Infinity) + logWeight);
  const sumOf = (which: (part: Part) => boolean): number =>
    parts.reduce((sum, part, index) => sum + (which(part) ? Math.exp(weighed[index] ?? 0) : 0), 0);
  if (sumOf(() => true) < 1 / risk) return false;
  const lasts = ({ units, evidence }: Part): boolean =>
    evidence !== undefined && failureLasts(units, evidence.since.fromMs);
  return sumOf(lasts) >= 1 / risk;
}

/** Weighs units in order of time. */
export function weighShare(
  units: readonly ExcusedUnit[],
  {
    limit,
    grid,
    risk,
  }: { limit: number; grid: { originMs: number; widthMs: number }; risk: number },
): WeighedShare {
  const pooled = evidenceAbove(timeSlots(units, grid), limit, grid.widthMs);
  const groups = groupEvidence(units, limit, grid);
  const logWeight = groups.length === 0 ? 0 : Math.log(pooledWeight);
  return {
    pooled,
    groups,
    above: isAbove([{ units, evidence: pooled, logWeight }, ...groups], risk),
  };
}
