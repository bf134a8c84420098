import { decideShare, type ShareUnit } from '../../src/judge/index.ts';

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What is scraped of some pods; times in seconds from the begin of the verification. */
export interface Scraped {
  pods?: number;
  /** When the pods began; their first scrape comes one interval later. */
  from?: number;
  until: number;
  every?: number;
  /** Requests of each pod between two scrapes. */
  requests?: number;
  /** Of them, the failed ones. */
  failed: (at: { from: number; until: number; pod: number }) => number;
}

export function scraped({ pods = 1, from = 0, until, every = 2, requests = 40, failed }: Scraped) {
  const units: ShareUnit[] = [];
  for (let at = from + every; at <= until; at += every)
    for (let pod = 0; pod < pods; pod += 1)
      units.push({
        pod: `api-${pod}`,
        node: `node-${Math.floor(pod / 4)}`,
        fromMs: (at - every) * 1000,
        atMs: at * 1000,
        total: requests,
        bad: failed({ from: at - every, until: at, pod }),
      });
  return units;
}

export const decide = (units: readonly ShareUnit[], nowMs = units.at(-1)?.atMs ?? 0, limit = 0.1) =>
  decideShare(units, { limit, beganMs: 0, nowMs });

/** How long all was well, in seconds, when the share is below; undefined when it is not. */
export function passedAfter(units: readonly ShareUnit[], nowMs = units.at(-1)?.atMs ?? 0) {
  const { decision, wellSinceMs } = decide(units, nowMs);
  return decision === 'below' && wellSinceMs !== undefined
    ? (nowMs - wellSinceMs) / 1000
    : undefined;
}

/** The second at which one who looks after every scrape is told that the share is above. */
export function calledAt(units: readonly ShareUnit[], limit = 0.1): number | undefined {
  for (const [index, { atMs }] of units.entries())
    if (units[index + 1]?.atMs !== atMs && atMs > 0) {
      const { decision } = decide(units.slice(0, index + 1), atMs, limit);
      if (decision === 'above') return atMs / 1000;
    }
  return undefined;
}

export const countOf = (next: () => number, requests: number, share: number): number => {
  let failed = 0;
  for (let request = 0; request < requests; request += 1) if (next() < share) failed += 1;
  return failed;
};

/** Shares in clusters: some scrapes fail heavily, most not at all, with a correlation of 0.3. */
export function clustered(next: () => number, mean: number): () => number {
  // A mixture of two shares with the mean and the variance of the beta distribution.
  const heavy = 0.3 + 0.7 * mean;
  return () => (next() < mean / heavy ? heavy : 0);
}
