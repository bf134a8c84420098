import type { MetricsRequest } from '@slipway/health';
import { createHttpClient } from '@slipway/http';
import { createPrometheusClient, signedFetch, type PrometheusClient } from '@slipway/prometheus';
import { InputError, type Fetch, type Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';

/** The Prometheus that the inputs name. Close it when done. */
export interface OpenPrometheus {
  metrics: Omit<MetricsRequest, 'workload'>;
  close: () => Promise<void>;
}

/** Queries go in the address: a POST through the API server needs the right to create. */
const maxGetCharacters = 200_000;

/** Signs with the keys that aws-actions/configure-aws-credentials leaves. Throws InputError without them. */
function signed({ env, clock, maskSecret }: Run, fetch: Fetch, region: string): Fetch {
  if (region === '') return fetch;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
    AWS_SESSION_TOKEN: sessionToken = '',
  } = env;
  if (accessKeyId === '' || secretAccessKey === '')
    throw new InputError('prometheus-sigv4-region: there are no keys of AWS to sign with.', {
      next: 'Run aws-actions/configure-aws-credentials before this step.',
    });
  for (const secret of [secretAccessKey, sessionToken]) if (secret !== '') maskSecret(secret);
  return signedFetch(fetch, clock, {
    region,
    service: 'aps',
    accessKeyId,
    secretAccessKey,
    sessionToken,
  });
}

function clientOf(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  redact: (text: string) => string,
): { client: PrometheusClient; close: () => Promise<void> } | undefined {
  const { clock, signal, env } = run;
  const { prometheus, prometheusAuth: auth, prometheusHeaders: headers, prometheusTls } = inputs;
  if (prometheus.kind === 'none') return undefined;
  if (prometheus.kind === 'service') {
    const { to, prefix } = prometheus;
    const name = `${to.namespace}/${to.service}:${to.port}`;
    const fetch = cluster.client.serviceFetch(to);
    const url = `http://in-cluster${prefix}`;
    const options = { url, name, auth, headers, fetch, clock, signal, redact, maxGetCharacters };
    return { client: createPrometheusClient(options), close: () => Promise.resolve() };
  }
  const { ca, cert, key } = prometheusTls;
  const tls = {
    ...(ca === '' ? {} : { extraCa: ca }),
    ...(cert === '' ? {} : { cert, key }),
  };
  const http = createHttpClient({ env, tls });
  const { url } = prometheus;
  const fetch = signed(run, http.fetch, inputs.prometheusSigv4Region);
  const client = createPrometheusClient({ url, auth, headers, fetch, clock, signal, redact });
  return { client, close: http.close };
}

/**
 * Opens the way to Prometheus; undefined when metrics are no part of the verdict. `redact` takes secrets
 * out of what the server says.
 */
export function openPrometheus(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  redact: (text: string) => string,
): OpenPrometheus | undefined {
  for (const value of Object.values(inputs.prometheusHeaders)) run.maskSecret(value);
  const open = clientOf(run, cluster, inputs, redact);
  if (open === undefined) return undefined;
  const { up: scrapes, errorShare, maxLatency, assertions } = inputs;
  return {
    metrics: { client: open.client, scrapes, errorShare, maxLatency, assertions },
    close: open.close,
  };
}
