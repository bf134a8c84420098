import type { MetricsRequest } from '@slipway/health';
import { createHttpClient } from '@slipway/http';
import { createPrometheusClient, type PrometheusClient } from '@slipway/prometheus';
import type { Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';

/** The Prometheus that the inputs name. Close it when done. */
export interface OpenPrometheus {
  metrics: Omit<MetricsRequest, 'workload'>;
  close: () => Promise<void>;
}

/** Queries go in the address: a POST through the API server needs the right to create. */
const maxGetCharacters = 200_000;

function clientOf(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
): { client: PrometheusClient; close: () => Promise<void> } | undefined {
  const { clock, signal, env } = run;
  const { prometheus, prometheusAuth: auth, prometheusHeaders: headers, prometheusTls } = inputs;
  if (prometheus.kind === 'none') return undefined;
  if (prometheus.kind === 'service') {
    const { to, prefix } = prometheus;
    const name = `${to.namespace}/${to.service}:${to.port}`;
    const fetch = cluster.client.serviceFetch(to);
    const url = `http://in-cluster${prefix}`;
    const options = { url, name, auth, headers, fetch, clock, signal, maxGetCharacters };
    return { client: createPrometheusClient(options), close: () => Promise.resolve() };
  }
  const { ca, cert, key } = prometheusTls;
  const tls = {
    ...(ca === '' ? {} : { extraCa: ca }),
    ...(cert === '' ? {} : { cert, key }),
  };
  const http = createHttpClient({ env, tls });
  const { url } = prometheus;
  const client = createPrometheusClient({ url, auth, headers, fetch: http.fetch, clock, signal });
  return { client, close: http.close };
}

/** Opens the way to Prometheus; undefined when metrics are no part of the verdict. */
export function openPrometheus(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
): OpenPrometheus | undefined {
  for (const value of Object.values(inputs.prometheusHeaders)) run.maskSecret(value);
  const open = clientOf(run, cluster, inputs);
  if (open === undefined) return undefined;
  const { up: scrapes, errorShare, maxLatency, assertions } = inputs;
  return {
    metrics: { client: open.client, scrapes, errorShare, maxLatency, assertions },
    close: open.close,
  };
}
