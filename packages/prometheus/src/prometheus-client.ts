import type { Clock, Fetch } from '@slipway/runtime';
import { parseAnswer, type Answer } from './answer.ts';
import { callApi, type Parameters, type RequestPorts } from './api-call.ts';
import { parseMetricTypes } from './metric-types.ts';
import type { PrometheusAuth } from './prometheus-auth.ts';
import { PrometheusError } from './prometheus-error.ts';
import { parseTargets, type ScrapeTarget } from './scrape-target.ts';

/** One Prometheus, or what speaks its query API. Every method throws PrometheusError. */
export interface PrometheusClient {
  readonly url: string;
  /** The value of an expression at one instant, always explicit so that evidence can be repeated. */
  query(expression: string, at: { timeMs: number }): Promise<Answer>;
  queryRange(
    expression: string,
    range: { startMs: number; endMs: number; stepMs: number },
  ): Promise<Answer>;
  /**
   * Scrape targets with their state, of one scrape pool where the server can tell them apart (since
   * 2.42); undefined where there is no such API or no right to it (Thanos, Mimir, a proxy).
   */
  targets(pool?: string): Promise<readonly ScrapeTarget[] | undefined>;
  /** Label sets of the series that any of the selectors matched in a time, at most `limit`. */
  series(
    selectors: string | readonly string[],
    range: { startMs: number; endMs: number; limit?: number },
  ): Promise<readonly Readonly<Record<string, string>>[]>;
  /** The types that targets tell of a metric, such as `counter`; none where the server keeps none. */
  metricTypes(metric: string): Promise<readonly string[]>;
  /** Milliseconds since 1970 by the server's clock. */
  serverTime(): Promise<number>;
  /** The same server, whose requests end with `signal` as well. */
  withSignal(signal: AbortSignal): PrometheusClient;
}

/** How a client is made. */
export interface PrometheusClientOptions {
  /** With the path prefix where there is one. */
  url: string;
  auth: PrometheusAuth;
  fetch: Fetch;
  clock: Clock;
  /** Sent along with every request. */
  headers?: Readonly<Record<string, string>>;
  /** Takes secrets out of what the server says, before it is cut short. */
  redact?: (text: string) => string;
  /** What the server is called in messages; the URL's host by default. */
  name?: string;
  signal?: AbortSignal;
  /** Limit of one request, 10 s by default. */
  timeoutMs?: number;
  /** Longer queries go as a POST; 4,000 by default. */
  maxGetCharacters?: number;
}

/** Whether the server has no such API for us; Mimir, Thanos and proxies say so in several ways. */
const hasNoApi = (error: unknown): boolean =>
  error instanceof PrometheusError &&
  (error.failure === 'not-prometheus' || [403, 405, 501].includes(error.status));

/** The answer of an API that is not everywhere; undefined where there is none. Throws PrometheusError. */
async function callOptional(ports: RequestPorts, path: string, parameters: Parameters) {
  try {
    return await callApi(ports, path, parameters);
  } catch (error) {
    if (hasNoApi(error)) return undefined;
    throw error;
  }
}

/** A client of the Prometheus at `url`. */
export function createPrometheusClient(options: PrometheusClientOptions): PrometheusClient {
  const { auth, fetch, clock, headers = {}, signal, timeoutMs = 10_000 } = options;
  const base = options.url.replace(/\/+$/, '');
  const { name = new URL(base).host, maxGetCharacters = 4_000 } = options;
  const ports: RequestPorts = {
    base,
    name,
    auth,
    headers,
    fetch,
    clock,
    signal,
    timeoutMs,
    maxGetCharacters,
    redact: options.redact ?? ((text) => text),
  };
  const ask = async (path: string, parameters: Parameters): Promise<Answer> => {
    const answer = parseAnswer(await callApi(ports, path, parameters));
    if (answer === undefined)
      throw new PrometheusError(`${name} did not answer ${path} as Prometheus does.`, {
        failure: 'not-prometheus',
        status: 200,
      });
    return answer;
  };
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  // Thanos leaves out stores that do not answer otherwise; the others pass over the parameter.
  const whole = { partial_response: 'false' };
  // VictoriaMetrics answers as of half a minute ago otherwise, time() included (-search.latencyOffset).
  const fresh = { ...whole, nocache: '1' };

  return {
    url: base,
    query: (expression, { timeMs }) =>
      ask('/api/v1/query', { query: expression, time: seconds(timeMs), ...fresh }),
    queryRange: (expression, { startMs, endMs, stepMs }) =>
      ask('/api/v1/query_range', {
        query: expression,
        start: seconds(startMs),
        end: seconds(endMs),
        step: seconds(stepMs),
        ...fresh,
      }),
    targets: async (pool) => {
      const only = pool === undefined ? {} : { scrapePool: pool };
      const found = await callOptional(ports, '/api/v1/targets', { state: 'active', ...only });
      return found === undefined ? undefined : parseTargets(found.data);
    },
    series: async (selectors, { startMs, endMs, limit = 500 }) => {
      const { data } = await callApi(ports, '/api/v1/series', {
        'match[]': selectors,
        start: seconds(startMs),
        end: seconds(endMs),
        limit: String(limit),
        ...whole,
      });
      return Array.isArray(data) ? (data as Record<string, string>[]).slice(0, limit) : [];
    },
    metricTypes: async (metric) => {
      const found = await callOptional(ports, '/api/v1/metadata', { metric });
      return parseMetricTypes(found?.data, metric);
    },
    serverTime: async () => {
      const answer = parseAnswer(
        await callApi(ports, '/api/v1/query', { query: 'time()', nocache: '1' }),
      );
      const value = answer?.series[0]?.points[0]?.value;
      return value === undefined ? clock.now() : value * 1000;
    },
    withSignal: (more) =>
      createPrometheusClient({
        ...options,
        signal: signal === undefined ? more : AbortSignal.any([signal, more]),
      }),
  };
}
