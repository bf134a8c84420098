import type { ShareUnit } from './share-unit.ts';

/** Failures within one scrape, or within less than this, are one event and never decide alone. */
const shortestMs = 6_000;
const fewestScrapes = 2;

/**
 * Whether since `sinceMs` one and the same pod failed in two scrapes that span six seconds. Pods that
 * start or stop one after the other, each with a moment of errors, do not fail for longer together.
 */
export function failureLasts(units: readonly ShareUnit[], sinceMs: number): boolean {
  const failing = new Map<string, { fromMs: number; scrapes: Set<number> }>();
  for (const { pod, fromMs, atMs, bad } of units) {
    if (bad === 0 || fromMs < sinceMs) continue;
    const known = failing.get(pod) ?? { fromMs, scrapes: new Set() };
    failing.set(pod, known);
    known.fromMs = Math.min(known.fromMs, fromMs);
    known.scrapes.add(atMs);
    const enough = known.scrapes.size >= fewestScrapes;
    if (enough && Math.max(...known.scrapes) - known.fromMs >= shortestMs) return true;
  }
  return false;
}
