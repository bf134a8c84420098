import type { Clock } from '../port/index.ts';

/** How long one part of the work took. */
export interface TimedPart {
  name: string;
  durationMs: number;
  note?: string;
}

/** Times the parts of an action's work, for its summary. */
export interface Stopwatch {
  /** What was timed so far, in the order in which it ended. */
  readonly parts: readonly TimedPart[];
  /** Does the work and notes how long it took, also when it fails. */
  time: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

/** A stopwatch that has timed nothing yet. */
export function stopwatch(clock: Clock): Stopwatch {
  const parts: TimedPart[] = [];
  return {
    parts,
    time: async (name, work) => {
      const startedMs = clock.now();
      try {
        return await work();
      } finally {
        parts.push({ name, durationMs: clock.now() - startedMs });
      }
    },
  };
}
