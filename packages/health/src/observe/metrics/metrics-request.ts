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
  assertions: readonly Assertion[];
  /** What this verification itself sends to the pods. */
  sent?: SentRequests;
}

/** The name of the built-in share. */
export const errorShareName = 'error share';
