/** Requests that we sent to pods ourselves, so that they can be told from those of users. */
export interface SentRequests {
  /** One request for a path that may have reached the pod. */
  note(pod: string, path: string, atMs: number): void;
  /**
   * How many were sent to the pod of this name after `fromMs` and up to `toMs` (milliseconds since 1970),
   * for one path or for all.
   */
  sentBy(pod: string, fromMs: number, toMs: number, path?: string): number;
  /** The paths that the pod was asked for. */
  paths(pod: string): readonly string[];
}

/** How many of `sorted` are at or before `ms`. */
function upTo(sorted: readonly number[], ms: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** None yet. Times are kept in the order in which they are noted, which is that of the clock. */
export function countSentRequests(): SentRequests {
  const pods = new Map<string, Map<string, number[]>>();
  return {
    note: (pod, path, atMs) => {
      const paths = pods.get(pod) ?? new Map<string, number[]>();
      pods.set(pod, paths);
      const times = paths.get(path);
      if (times === undefined) paths.set(path, [atMs]);
      else times.push(Math.max(atMs, times.at(-1) ?? atMs));
    },
    sentBy: (pod, fromMs, toMs, path) =>
      [...(pods.get(pod) ?? [])]
        .filter(([known]) => path === undefined || known === path)
        .reduce((sum, [, times]) => sum + Math.max(0, upTo(times, toMs) - upTo(times, fromMs)), 0),
    paths: (pod) => [...(pods.get(pod)?.keys() ?? [])],
  };
}
