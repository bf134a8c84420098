import type { Requirement } from '../judge/index.ts';

/** Why Prometheus gave no answer, and since when. */
export interface MetricsOutage {
  why: string;
  /** By the runner's clock. */
  sinceMs: number;
  /** It would be the same for ever: the address, the credentials or the query are wrong. */
  final: boolean;
  /** Whether the same question was answered before. */
  answered: boolean;
}

/** Why there is nothing to judge. */
export interface Missing {
  why: string;
  /** Waiting will not bring it. */
  settled: boolean;
  /** Nothing can be said at all, so there is no reason to wait for the soak. */
  final?: boolean;
}

/** How Prometheus sees one pod. Times by the runner's clock. */
export interface ScrapedPod {
  name: string;
  /** `lost`: there is no target for it. */
  state: 'lost' | 'failing' | 'up';
  /** Since when it has been so. */
  sinceMs: number;
  /** The last scrapes, in order. */
  scrapesMs: readonly number[];
  /** The target, and why it cannot be scraped. */
  target?: string;
  error?: string;
}

/** Requests of one pod between two scrapes. Times by the runner's clock. */
export interface PodUnit {
  pod: string;
  atMs: number;
  fromMs: number;
  total: number;
  bad: number;
  node?: string;
  route?: string;
}

/** What one check of metrics rests on. */
interface Asked {
  name: string;
  outage?: MetricsOutage;
}

/** What the counters of one share say. */
export interface ShareCheck extends Asked {
  kind: 'share';
  must: Requirement;
  units: readonly PodUnit[];
  /** Why there is nothing to count, when there is not. */
  missing: Missing | undefined;
  /** Prometheus's own doubts, such as partial results. */
  warnings: readonly string[];
  /** Whose requests were left out, as a sentence; empty when nobody's were. */
  leftOut: string;
  /** Users' requests by route, and how many were answered with 4xx. */
  routes: readonly { route: string; total: number; refused: number }[];
  /** What pods of earlier revisions counted at the same time, by node and route. */
  control: readonly PodUnit[];
}

/** Evaluations on end that came to the same. */
export interface EvaluationRun {
  outcome: 'holds' | 'violated' | 'no-data' | 'no-number';
  fromMs: number;
  toMs: number;
  times: number;
  /** The last one's worst value with its series: `0.25 of {pod="api-1"}`. */
  shown: string;
}

/** What one assertion's query gave so far. */
export interface ValueCheck extends Asked {
  kind: 'value';
  must: Requirement;
  /** Oldest first. */
  runs: readonly EvaluationRun[];
  /** Why the query finds nothing, when it finds nothing. */
  missing: Missing | undefined;
}

/** What the buckets of a latency say: how many requests took longer than the limit. */
export interface LatencyCheck extends Asked {
  kind: 'latency';
  /** `p99 < 250ms`. */
  text: string;
  /** Share of requests that may be slower: 0.01. */
  share: number;
  limitSeconds: number;
  /** Those that certainly took longer, and those that may have: the limit lies between two bounds. */
  surely: readonly PodUnit[];
  perhaps: readonly PodUnit[];
  /** The same of pods of earlier revisions. */
  controlSurely: readonly PodUnit[];
  controlPerhaps: readonly PodUnit[];
  /** The bounds on both sides of the limit, in seconds; the same when it is a bound. */
  bounds: readonly [number, number] | undefined;
  missing: Missing | undefined;
  warnings: readonly string[];
  /** Whose requests were left out, as a sentence; empty when nobody's were. */
  leftOut: string;
  /** Requests of our own are timed as well: that there is nothing to judge here is no gap. */
  timedElsewhere?: boolean;
}

/** The built-in `up == 1` of every new pod. */
export interface ScrapeCheck extends Asked {
  kind: 'up';
}

export type MetricCheck = ScrapeCheck | ShareCheck | ValueCheck | LatencyCheck;

/** All that Prometheus said of the new pods: a value from which the findings follow. */
export interface MetricsEvidence {
  pods: readonly ScrapedPod[];
  /** How often the slowest of the pods is scraped. */
  intervalMs: number;
  checks: readonly MetricCheck[];
}
