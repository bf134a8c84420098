import type { Clock, Fetch } from '@slipway/runtime';
import { parseAnswer, type Answer } from './answer.ts';
import { PrometheusError } from './prometheus-error.ts';
import { callApi, type PrometheusAuth } from './api-call.ts';
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
  /** Scrape targets with their state; undefined where there is no such API (Thanos, Mimir). */
  targets(): Promise<readonly ScrapeTarget[] | undefined>;
  /** Label sets of the series that a selector matched in a time, at most `limit`. */
  series(
    selector: string,
    range: { startMs: number; endMs: number; limit?: number },
  ): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Milliseconds since 1970 by the server's clock. */
  serverTime(): Promise<number>;
}

/** A client of the Prometheus at `url` (with the path prefix where there is one). */
export function createPrometheusClient(options: {
  url: string;
  auth: PrometheusAuth;
  fetch: Fetch;
  clock: Clock;
  signal?: AbortSignal;
  /** Limit of one request, 10 s by default. */
  timeoutMs?: number;
}): PrometheusClient {
  const { auth, fetch, clock, signal, timeoutMs = 10_000 } = options;
  const base = options.url.replace(/\/+$/, '');
  const ports = { base, auth, fetch, clock, signal, timeoutMs };
  const ask = async (path: string, parameters: Record<string, string>): Promise<Answer> => {
    const answer = parseAnswer(await callApi(ports, path, parameters));
    if (answer === undefined)
      throw new PrometheusError(
        `${new URL(base).host} did not answer ${path} as Prometheus does.`,
        {
          failure: 'not-prometheus',
          status: 200,
        },
      );
    return answer;
  };
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  // Thanos leaves out stores that do not answer otherwise; Prometheus passes over the parameter.
  const whole = { partial_response: 'false' };

  return {
    url: base,
    query: (expression, { timeMs }) =>
      ask('/api/v1/query', { query: expression, time: seconds(timeMs), ...whole }),
    queryRange: (expression, { startMs, endMs, stepMs }) =>
      ask('/api/v1/query_range', {
        query: expression,
        start: seconds(startMs),
        end: seconds(endMs),
        step: seconds(stepMs),
        ...whole,
      }),
    targets: async () => {
      try {
        return parseTargets((await callApi(ports, '/api/v1/targets', { state: 'active' })).data);
      } catch (error) {
        if (error instanceof PrometheusError && error.failure === 'not-prometheus')
          return undefined;
        throw error;
      }
    },
    series: async (selector, { startMs, endMs, limit = 500 }) => {
      const { data } = await callApi(ports, '/api/v1/series', {
        'match[]': selector,
        start: seconds(startMs),
        end: seconds(endMs),
        limit: String(limit),
      });
      return Array.isArray(data) ? (data as Record<string, string>[]).slice(0, limit) : [];
    },
    serverTime: async () => {
      const answer = parseAnswer(await callApi(ports, '/api/v1/query', { query: 'time()' }));
      const value = answer?.series[0]?.points[0]?.value;
      return value === undefined ? clock.now() : value * 1000;
    },
  };
}
