import type { Clock, Fetch } from '@slipway/runtime';
import { parseAnswer, type Answer, type RawAnswer } from './answer.ts';
import { PrometheusError, type PrometheusFailure } from './prometheus-error.ts';
import { parseTargets, type ScrapeTarget } from './scrape-target.ts';

/** How a request proves who sends it. */
export type PrometheusAuth =
  | { kind: 'none' }
  | { kind: 'bearer'; token: string }
  | { kind: 'basic'; username: string; password: string };

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

const failureByStatus = (status: number): PrometheusFailure => {
  if (status === 400) return 'bad-query';
  if (status === 422) return 'failed-query';
  if (status === 401 || status === 403) return 'refused';
  if (status === 429 || status >= 500) return 'unavailable';
  return 'not-prometheus';
};

const maxAnswerCharacters = 32 * 1024 * 1024;
/** Longer queries are sent as a form: proxies cut request lines at 8 KiB. */
const maxGetCharacters = 4_000;

function authorization(auth: PrometheusAuth): Record<string, string> {
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  if (auth.kind === 'none') return {};
  const both = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return { authorization: `Basic ${both}` };
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
  const { auth, fetch, signal, timeoutMs = 10_000 } = options;
  const base = options.url.replace(/\/+$/, '');
  const host = new URL(base).host;

  const call = async (path: string, parameters: Record<string, string>): Promise<RawAnswer> => {
    const form = new URLSearchParams(parameters).toString();
    const post = form.length > maxGetCharacters;
    const limit = AbortSignal.timeout(timeoutMs);
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${base}${path}${post || form === '' ? '' : `?${form}`}`, {
        method: post ? 'POST' : 'GET',
        headers: {
          accept: 'application/json',
          // Mimir and Cortex would else answer from a cache of results.
          'cache-control': 'no-store',
          ...(post ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
          ...authorization(auth),
        },
        // A login page elsewhere must get no credentials, and is no answer.
        redirect: 'manual',
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        ...(post ? { body: form } : {}),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw limit.aborted
        ? new PrometheusError(`Prometheus ${host} did not answer within ${timeoutMs / 1000} s.`, {
            failure: 'timeout',
            status: 0,
            cause: error,
          })
        : new PrometheusError(`Prometheus ${host} could not be reached`, {
            failure: 'unreachable',
            status: 0,
            cause: error,
          });
    }
    return readEnvelope({ status, text, host, path });
  };
  const ask = async (path: string, parameters: Record<string, string>): Promise<Answer> => {
    const answer = parseAnswer(await call(path, parameters));
    if (answer === undefined)
      throw new PrometheusError(`${host} did not answer ${path} as Prometheus does.`, {
        failure: 'not-prometheus',
        status: 200,
      });
    return answer;
  };
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  // Thanos would else leave out stores that do not answer; Prometheus passes over the parameter.
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
        return parseTargets((await call('/api/v1/targets', { state: 'active' })).data);
      } catch (error) {
        if (error instanceof PrometheusError && error.failure === 'not-prometheus')
          return undefined;
        throw error;
      }
    },
    series: async (selector, { startMs, endMs, limit = 500 }) => {
      const { data } = await call('/api/v1/series', {
        'match[]': selector,
        start: seconds(startMs),
        end: seconds(endMs),
        limit: String(limit),
      });
      return Array.isArray(data) ? (data as Record<string, string>[]).slice(0, limit) : [];
    },
    serverTime: async () => {
      const answer = parseAnswer(await call('/api/v1/query', { query: 'time()' }));
      const value = answer?.series[0]?.points[0]?.value;
      return value === undefined ? options.clock.now() : value * 1000;
    },
  };
}

function readEnvelope(got: {
  status: number;
  text: string;
  host: string;
  path: string;
}): RawAnswer {
  const { status, text, host, path } = got;
  let parsed: RawAnswer | undefined;
  try {
    if (text.length <= maxAnswerCharacters) parsed = JSON.parse(text) as RawAnswer;
  } catch {
    // Proxies and login pages answer in HTML.
  }
  const speaks = parsed?.status === 'success' || parsed?.status === 'error';
  if (status === 200 && parsed?.status === 'success') return parsed;
  const said = speaks && typeof parsed?.error === 'string' ? parsed.error : '';
  const failure = speaks || status !== 200 ? failureByStatus(status) : 'not-prometheus';
  const hint =
    status >= 300 && status < 400
      ? ' (a redirect, as a login page sends it)'
      : failure === 'not-prometheus'
        ? '; is the URL that of the API, without /api/v1 and /graph?'
        : '';
  throw new PrometheusError(
    said === ''
      ? `Prometheus ${host} answered ${path} with ${status}${hint}.`
      : `Prometheus ${host} answered ${status}: ${said.slice(0, 500)}`,
    { failure, status },
  );
}
