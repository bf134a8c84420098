export { type ClusterObserver, createClusterObserver } from './cluster-observer.ts';
export { createMetricsObserver, type MetricsRequest } from './metrics-observer.ts';
export type { ProbeRequest } from './prober.ts';
