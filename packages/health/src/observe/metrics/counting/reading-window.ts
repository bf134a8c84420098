import type { PodRecord } from '@slipway/rollout';

/** Pods that began longer than this before the verification are judged by what they do now. */
const recentMs = 600_000;
/** What is read of older pods from before the verification, so that counters have a value to grow from. */
const beforeMs = 90_000;
/** Clocks of nodes and of Prometheus differ; a pod's first sample must lie within what is read. */
const marginMs = 30_000;
const longestMs = 3_600_000;

/** Which stretches of samples were asked for, so that each is asked for once. */
export interface ReadingWindow {
  /** How far back a reading at `atMs` must reach, in milliseconds. */
  lengthMs(pods: readonly PodRecord[], atMs: number): number;
  /** Notes that `pods` were read at `atMs`, `lengthMs` back, with samples up to `newestMs`. */
  done(
    pods: readonly PodRecord[],
    read: { atMs: number; lengthMs: number; newestMs: number | undefined },
  ): void;
  /** When the process of a pod began, if that lies within what was read. */
  bornMs(pod: string): number | undefined;
}

const nameOf = ({ pod }: PodRecord): string => pod.metadata?.name ?? '';

/** A window for samples that matter to a verification which began at `beganMs` (Prometheus's clock). */
export function createReadingWindow(beganMs: number, overlapMs = 15_000): ReadingWindow {
  const first = new Map<string, { fromMs: number; startedMs: number }>();
  let newest: number | undefined;

  const beginOf = ({ startedMs }: PodRecord): number =>
    startedMs >= beganMs - recentMs ? startedMs - marginMs : beganMs - beforeMs;

  return {
    lengthMs: (pods, atMs) => {
      const fresh = pods.filter((record) => !first.has(nameOf(record))).map(beginOf);
      // While nothing came, what was asked for is still to come.
      const next = (newest ?? Math.min(atMs, ...pods.map(beginOf))) - overlapMs;
      return Math.min(longestMs, Math.max(overlapMs, atMs - Math.min(next, ...fresh)));
    },
    done: (pods, { atMs, lengthMs, newestMs }) => {
      for (const record of pods)
        if (!first.has(nameOf(record)))
          first.set(nameOf(record), { fromMs: atMs - lengthMs, startedMs: record.startedMs });
      newest = newestMs ?? newest;
    },
    bornMs: (pod) => {
      const read = first.get(pod);
      return read !== undefined && read.startedMs >= read.fromMs ? read.startedMs : undefined;
    },
  };
}
