import type { PodRecord } from '@slipway/rollout';
import type { MetricScope } from './metric-scope.ts';
import type { CountedPod } from './counting/request-ledger.ts';

/** One look at the metrics of some pods. */
export interface MetricLook {
  pods: readonly PodRecord[];
  counted: readonly CountedPod[];
  scope: MetricScope;
  /** By Prometheus's clock. */
  atMs: number;
  /** By the runner's clock. */
  nowMs: number;
  /** When the verification began, by the runner's clock. */
  beganMs: number;
  /** How far Prometheus's clock is ahead of the runner's. */
  aheadMs: number;
  /** Whether every pod was scraped at least twice. */
  scrapedTwice: boolean;
  /** Since when a pod of an earlier revision is to leave, by the runner's clock. */
  leftMs: (pod: string) => number | undefined;
  /** The same look at pods of earlier revisions; undefined when there is none to ask about. */
  old: MetricLook | undefined;
}

/** What the reading of counters needs of a look. */
export type ShareLook = Pick<MetricLook, 'pods' | 'counted' | 'scope' | 'atMs'>;
