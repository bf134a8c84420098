import { foldRecording, observe, rolloutTruth } from '@slipway/rollout';
import type { RolloutEvidence } from './rollout-evidence.ts';

/** Numbers over time that a finding rests on, for a chart. */
export interface Series {
  /** What is counted: `share of failed requests`. */
  name: string;
  /** Oldest first. Milliseconds since 1970. */
  points: readonly { atMs: number; value: number }[];
  /** The line that must not be crossed, or must be reached. */
  limit?: number;
}

/** Requests of one pod between two scrapes. */
interface CountedRequests {
  atMs: number;
  total: number;
  bad: number;
}

/** Parts of the time for which a share is told: as many as a chart can show. */
const parts = 30;

// There may be more units than a call takes arguments.
const latestOf = (units: readonly CountedRequests[]): number =>
  units.reduce((latest, { atMs }) => Math.max(latest, atMs), -Infinity);

/**
 * The share of failed requests over time, of all pods together. A part of the time without requests has
 * no share.
 */
export function shareSeries(share: {
  name: string;
  must: { limit: number };
  units: readonly CountedRequests[];
}): Series {
  const { name, must, units } = share;
  const firstMs = units.reduce((first, { atMs }) => Math.min(first, atMs), Infinity);
  const partMs = Math.max(1_000, (latestOf(units) - firstMs) / parts);
  const byPart = Map.groupBy(units, ({ atMs }) => Math.floor((atMs - firstMs) / partMs));
  const points = [...byPart]
    .sort(([one], [other]) => one - other)
    .flatMap(([, group]) => {
      const total = group.reduce((sum, unit) => sum + unit.total, 0);
      const bad = group.reduce((sum, unit) => sum + unit.bad, 0);
      const atMs = latestOf(group);
      return total > 0 ? [{ atMs, value: bad / total }] : [];
    });
  return { name, points, limit: must.limit };
}

/** How many of the new pods served over time, from the recording of the rollout, up to `nowMs`. */
export function servingSeries(
  { recording, before }: RolloutEvidence,
  nowMs: number,
): Series | undefined {
  let state = foldRecording([], before);
  const points: { atMs: number; value: number }[] = [];
  for (const observation of recording) {
    state = observe(state, observation);
    const truth = rolloutTruth(state, observation.atMs);
    if (truth !== undefined) points.push({ atMs: observation.atMs, value: truth.serving });
  }
  const last = points.at(-1);
  const desired = rolloutTruth(state, nowMs)?.desired;
  if (last === undefined || desired === undefined) return undefined;
  return {
    name: 'new pods that serve',
    points: [...points, { atMs: nowMs, value: last.value }],
    limit: desired,
  };
}
