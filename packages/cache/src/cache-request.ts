import type { GoCachePlan, GoCacheState } from './go-caches.ts';

/** What the process that restores and saves caches is told on standard input. */
export type CacheRequest =
  { call: 'restore'; plan: GoCachePlan } | { call: 'save'; state: GoCacheState };

/** Begins the line on which it tells, as JSON, what it did. */
export const answerMark = 'slipway-caches: ';
