import { evidenceAbove, type AboveEvidence } from './evidence-above.ts';
import type { ExcusedUnit, ShareUnit } from './share-unit.ts';
import { timeSlots } from './time-slot.ts';

/** Some of the requests that are judged on their own. */
export interface ShareGroup {
  kind: 'pod' | 'node' | 'route';
  name: string;
  bad: number;
  total: number;
}

/** A group with what its requests say, and its part of the evidence. */
export interface GroupEvidence extends ShareGroup {
  logWeight: number;
  units: readonly ShareUnit[];
  evidence: AboveEvidence | undefined;
}

/** Of the evidence, that of all requests together counts this much where there are groups. */
export const pooledWeight = 2 / 3;

/** Requests, and how many of them failed. */
export interface Counts {
  total: number;
  bad: number;
}

/** The requests of units together. */
export function countsOf(units: readonly Counts[]): Counts {
  return {
    total: units.reduce((sum, { total }) => sum + total, 0),
    bad: units.reduce((sum, { bad }) => sum + bad, 0),
  };
}

const kinds = ['pod', 'node', 'route'] as const;

function groupsBy<T extends Partial<ShareUnit>>(units: readonly T[], kind: ShareGroup['kind']) {
  const groups = new Map<string, T[]>();
  for (const unit of units) {
    const name = unit[kind];
    if (name === undefined) continue;
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [unit]);
    else known.push(unit);
  }
  return groups;
}

/**
 * What each pod, node and route says, with the weights with which they are averaged. An average of
 * evidence, unlike a count of the pods that look bad, keeps its promise whatever the pods have in common,
 * and a single pod needs only so much more evidence as there are pods (Vovk and Wang, "E-values",
 * Annals of Statistics 49, 2021).
 */
export function groupEvidence(
  units: readonly ExcusedUnit[],
  limit: number,
  grid: { originMs: number; widthMs: number },
): readonly GroupEvidence[] {
  const split = kinds
    .map((kind) => ({ kind, groups: groupsBy(units, kind) }))
    .filter(({ groups }) => groups.size > 1);
  return split.flatMap(({ kind, groups }) => {
    const logWeight = Math.log((1 - pooledWeight) / split.length / groups.size);
    return [...groups].map(([name, own]) => {
      const { bad, total } = countsOf(own);
      // Where nothing failed there is nothing to weigh.
      const evidence =
        bad === 0 ? undefined : evidenceAbove(timeSlots(own, grid), limit, grid.widthMs);
      return { kind, name, bad, total, logWeight, units: own, evidence };
    });
  });
}

/** The requests of each of these nodes or routes. */
export function groupCounts(
  units: readonly (Counts & Partial<Pick<ShareUnit, 'node' | 'route'>>)[],
  kind: 'node' | 'route',
): ShareGroup[] {
  return [...groupsBy(units, kind)].map(([name, own]) => ({ kind, name, ...countsOf(own) }));
}

const logOf = (bad: number, total: number): number => {
  const good = total - bad;
  const part = (count: number): number => (count === 0 ? 0 : count * Math.log(count / total));
  return part(bad) + part(good);
};

/** How much each group's share differs from that of all others of its kind, as a natural logarithm. */
function differences(groups: readonly ShareGroup[]) {
  return kinds.flatMap((kind) => {
    const own = groups.filter((group) => group.kind === kind);
    const { bad, total } = countsOf(own);
    return own.flatMap((group) => {
      const [otherBad, otherTotal] = [bad - group.bad, total - group.total];
      if (otherTotal === 0 || group.total === 0) return [];
      const times = group.bad / group.total / (otherBad / otherTotal);
      const by = logOf(group.bad, group.total) + logOf(otherBad, otherTotal) - logOf(bad, total);
      return [{ group, times, by }];
    });
  });
}

/** Differences that are no accident among 50 groups; and such as need a closer look. */
const certain = { times: 4, by: 8 };
const doubtful = { times: 2, by: 3 };

/**
 * The group that the failures belong to: the one whose share differs most from that of all others,
 * where the others do not fail like it. Undefined when they fail everywhere.
 */
export function failingGroup(groups: readonly ShareGroup[]): ShareGroup | undefined {
  const found = differences(groups)
    .filter(({ times, by }) => times >= certain.times && by >= certain.by)
    .reduce<{ group: ShareGroup; by: number } | undefined>(
      (best, one) => (best === undefined || one.by > best.by ? one : best),
      undefined,
    );
  if (found === undefined) return undefined;
  const { kind, name, bad, total } = found.group;
  return { kind, name, bad, total };
}

/** Evidence, as a natural logarithm, from which a group is suspected. */
const suspicious = 1;

/**
 * Whether a group may be above the limit: its own requests say so, or more of them fail than the limit
 * allows and than those of the others. No proof, but reason not to pass the release yet.
 */
export function isGroupSuspected(groups: readonly GroupEvidence[], limit: number): boolean {
  return (
    groups.some(({ evidence }) => (evidence?.suspicion ?? 0) >= suspicious) ||
    differences(groups).some(
      ({ group, times, by }) =>
        group.bad >= 2 &&
        group.bad > limit * group.total &&
        times >= doubtful.times &&
        by >= doubtful.by,
    )
  );
}
