/** Requests that we sent to pods ourselves, so that they can be told from those of users. */
export interface SentRequests {
  /** One request that may have reached the pod. */
  note(pod: string, atMs: number): void;
  /** How many were sent to the pod of this name after `fromMs` and up to `toMs` (milliseconds since 1970). */
  sentBy(pod: string, fromMs: number, toMs: number): number;
}

/** None yet. Times are kept in the order in which they are noted, which is that of the clock. */
export function countSentRequests(): SentRequests {
  const times = new Map<string, number[]>();
  /** How many of `sorted` are at or before `ms`. */
  const upTo = (sorted: readonly number[], ms: number): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    note: (pod, atMs) => {
      const known = times.get(pod);
      if (known === undefined) times.set(pod, [atMs]);
      else known.push(Math.max(atMs, known.at(-1) ?? atMs));
    },
    sentBy: (pod, fromMs, toMs) => {
      const known = times.get(pod) ?? [];
      return Math.max(0, upTo(known, toMs) - upTo(known, fromMs));
    },
  };
}
