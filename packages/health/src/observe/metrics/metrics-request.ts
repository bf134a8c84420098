import type { PrometheusClient } from '@slipway/prometheus';
import type { Assertion, MaxLatency, Requirement } from '../../judge/index.ts';
import type { SentRequests } from './counting/own-requests.ts';
import type { ErrorShare } from './share-reading.ts';

/** What is to be read from Prometheus. */
export interface MetricsRequest {
  client: PrometheusClient;
  workload: { namespace: string; name: string };
  /** Whether `up == 1` of every new pod is asked for. */
  scrapes: boolean;
  /** The built-in share of failed requests; undefined leaves it out. */
  errorShare?: (ErrorShare & { must: Requirement }) | undefined;
  /** How slow requests may be; undefined leaves latency out. */
  maxLatency?: MaxLatency | undefined;
  /** Requests of our own are timed by the same limit: it is no gap when pods have no histogram. */
  timedElsewhere?: boolean;
  assertions: readonly Assertion[];
  /** What this verification itself sends to the pods. */
  sent?: SentRequests;
}

/** The name of the built-in share. */
export const errorShareName = 'error share';
