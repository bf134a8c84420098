import { lastCountsMs, type ControlUnit } from './control-group.ts';
import {
  countsOf,
  failingGroup,
  groupCounts,
  type Counts,
  type ShareGroup,
} from './share-group.ts';
import type { ShareUnit } from './share-unit.ts';

/** Failures above the limit that new and old pods have in common. */
export interface SharedFailures {
  /** Requests of the new pods since the failures began, and of the old ones in the same time. */
  now: Counts;
  old: Counts;
  /** The old pods were gone by then: it is their last minute. */
  gone: boolean;
  /** The node or route to which the failures of both belong; undefined when they fail alike. */
  where: ShareGroup | undefined;
}

/** What new and old pods have in common since `sinceMs`. */
export function sharedFailures(
  units: readonly ShareUnit[],
  control: readonly ControlUnit[],
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): SharedFailures {
  const known = control.filter(({ atMs, total }) => atMs <= nowMs && total > 0);
  const lastMs = known.reduce((last, { atMs }) => Math.max(last, atMs), -Infinity);
  const gone = lastMs <= sinceMs;
  const fromMs = gone ? lastMs - lastCountsMs : sinceMs;
  const since = units.filter((unit) => unit.atMs > sinceMs);
  const old = known.filter(({ atMs }) => atMs > fromMs);
  const places = (['node', 'route'] as const).flatMap((kind) =>
    groupCounts([...since, ...old], kind),
  );
  return { now: countsOf(since), old: countsOf(old), gone, where: failingGroup(places) };
}
