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
  const times = units.map(({ atMs }) => atMs);
  const firstMs = Math.min(...times);
  const partMs = Math.max(1_000, (Math.max(...times) - firstMs) / parts);
  const byPart = Map.groupBy(units, ({ atMs }) => Math.floor((atMs - firstMs) / partMs));
  const points = [...byPart]
    .sort(([one], [other]) => one - other)
    .flatMap(([, group]) => {
      const total = group.reduce((sum, unit) => sum + unit.total, 0);
      const bad = group.reduce((sum, unit) => sum + unit.bad, 0);
      const atMs = Math.max(...group.map((unit) => unit.atMs));
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
