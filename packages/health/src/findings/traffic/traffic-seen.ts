import type { MaxLatency } from '../../judge/index.ts';

/** Requests of our own to one pod in one stretch of time. */
export interface TrafficUnit {
  pod: string;
  fromMs: number;
  atMs: number;
  total: number;
  bad: number;
  /** How many were timed, and of these how many surely, or perhaps, took longer than they may. */
  times?: { timed: number; slow: number; perhaps: number };
}

/** What came of our own requests. */
export interface TrafficSeen {
  units: readonly TrafficUnit[];
  /** Pods that are to answer, and how many of them have. */
  pods: number;
  answered: number;
  /** The limit of failed requests. */
  limit: number;
  /** The last failure: `pod/api-1 answered GET /orders with status 500`. */
  lastFailure: string | undefined;
  /** Durations of the last answers that were as they should be. */
  durationsMs: readonly number[];
  /** Why pods cannot be asked. */
  unasked: { why: string; settled: boolean; final?: boolean; next?: string } | undefined;
  /** How slow they may be; absent when their time is not judged. */
  maxLatency?: MaxLatency;
}
