/**
 * The control group: what pods of earlier revisions show at the same time. Where they fail too, the
 * reason is not the release's alone: a sick database, a node with too much to do. So much as they fail,
 * and as much again, is excused, request by request of the new pods:
 *
 *     a share is called bad when it is above max(limit, twice the share of the old pods around then)
 *
 * by the same test, with the same promise. Twice, since pods are scraped at different moments and their
 * share is known from few requests only. Old pods that serve well excuse nothing, and a release is then
 * called as fast as without them. What is excused is not healthy: for that the limit alone counts.
 *
 * A release that harms the old pods as well, as by a migration, looks the same and is not called either.
 */
import type { ExcusedUnit, ShareUnit } from './share-unit.ts';

/** Requests of some old pods between two scrapes; of one node and route where these are told. */
export type ControlUnit = Omit<ShareUnit, 'pod'>;

/** How many times the share of the old pods is excused. */
const excusedTimes = 2;
/** One failure of old pods excuses nothing. */
const fewestFailures = 2;
/** So many requests without a failure are added to those of old pods: few of them excuse less. */
const doubtRequests = 4;
/** The old pods' share is that of the seconds around; more of them while requests are fewer than these. */
const aroundMs = [3_000, 10_000, 30_000] as const;
const enoughRequests = (limit: number): number => 2 / limit;
/** Of old pods that are gone, what they did last counts from then on. */
export const lastCountsMs = 60_000;

interface Counts {
  total: number;
  bad: number;
}

/** Sums over units in the order of one of their times. */
interface Running {
  ms: readonly number[];
  /** Of all units before an index. */
  before: readonly Counts[];
}

function running(units: readonly ControlUnit[], by: 'fromMs' | 'atMs'): Running {
  const sorted = [...units].sort((a, b) => a[by] - b[by]);
  const before: Counts[] = [{ total: 0, bad: 0 }];
  for (const { total, bad } of sorted) {
    const last = before.at(-1) ?? { total: 0, bad: 0 };
    before.push({ total: last.total + total, bad: last.bad + bad });
  }
  return { ms: sorted.map((unit) => unit[by]), before };
}

/** Of the units whose time is before `ms`. */
function until({ ms: all, before }: Running, ms: number): Counts {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return before[low] ?? { total: 0, bad: 0 };
}

/**
 * The requests of old pods that have something in common, of the units that have any of a time in common;
 * of their last minute when they ended before it.
 */
type ControlTimes = (fromMs: number, toMs: number) => Counts;

function controlTimes(units: readonly ControlUnit[]): ControlTimes {
  const ends = running(units, 'atMs');
  const begins = running(units, 'fromMs');
  const lastMs = ends.ms.at(-1) ?? Number.NEGATIVE_INFINITY;
  return (fromMs, toMs) => {
    const [low, high] = lastMs <= fromMs ? [lastMs - lastCountsMs, lastMs] : [fromMs, toMs];
    const ended = until(ends, low + 1);
    const begun = until(begins, high);
    return { total: begun.total - ended.total, bad: begun.bad - ended.bad };
  };
}

/** The old pods as a whole, and by node and route. */
export interface ControlGroup {
  all: ControlTimes;
  nodes: ReadonlyMap<string, ControlTimes>;
  routes: ReadonlyMap<string, ControlTimes>;
}

function grouped(units: readonly ControlUnit[], by: 'node' | 'route'): Map<string, ControlTimes> {
  const groups = Map.groupBy(
    units.filter((unit) => unit[by] !== undefined),
    (unit) => unit[by] ?? '',
  );
  return new Map([...groups].map(([name, own]) => [name, controlTimes(own)]));
}

/** What old pods showed until `nowMs`; undefined when nothing of it excuses anything. */
export function controlGroup(
  units: readonly ControlUnit[],
  nowMs: number,
): ControlGroup | undefined {
  const known = units.filter(({ atMs, total }) => atMs <= nowMs && total > 0);
  const failed = known.reduce((sum, { bad }) => sum + bad, 0);
  if (failed < fewestFailures) return undefined;
  return {
    all: controlTimes(known),
    nodes: grouped(known, 'node'),
    routes: grouped(known, 'route'),
  };
}

function shareAround(
  times: ControlTimes | undefined,
  { fromMs, atMs }: ShareUnit,
  limit: number,
): number {
  if (times === undefined) return 0;
  let counts: Counts = { total: 0, bad: 0 };
  for (const slackMs of aroundMs) {
    const around = times(fromMs - slackMs, atMs + slackMs);
    if (around.total > counts.total) counts = around;
    if (counts.total >= enoughRequests(limit)) break;
  }
  return counts.bad < fewestFailures ? 0 : counts.bad / (counts.total + doubtRequests);
}

/**
 * The units with what old pods excuse of each: those of the same node, of the same route or all, whichever
 * fail most.
 */
export function excusedUnits(
  units: readonly ShareUnit[],
  { all, nodes, routes }: ControlGroup,
  limit: number,
): ExcusedUnit[] {
  return units.map((unit) => {
    const share = Math.max(
      shareAround(all, unit, limit),
      shareAround(nodes.get(unit.node ?? ''), unit, limit),
      shareAround(routes.get(unit.route ?? ''), unit, limit),
    );
    const more = Math.min(1, excusedTimes * share) - limit;
    return more > 0 ? { ...unit, excused: more * unit.total } : unit;
  });
}
