import { isTimeout } from '@slipway/http';
import { timeLimit, type Clock, type Fetch } from '@slipway/runtime';
import type { RawAnswer } from './answer.ts';
import { PrometheusError, type PrometheusFailure } from './prometheus-error.ts';

/** How a request proves who sends it. */
export type PrometheusAuth =
  | { kind: 'none' }
  | { kind: 'bearer'; token: string }
  | { kind: 'basic'; username: string; password: string };

/** Where requests go, and with what. */
export interface RequestPorts {
  /** Without a slash at its end. */
  base: string;
  auth: PrometheusAuth;
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal | undefined;
  /** Limit of one request, its body included. */
  timeoutMs: number;
}

const maxAnswerCharacters = 32 * 1024 * 1024;
/** Longer queries are sent as a form: proxies cut request lines at 8 KiB. */
const maxGetCharacters = 4_000;

function authorization(auth: PrometheusAuth): Record<string, string> {
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  if (auth.kind === 'none') return {};
  const both = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return { authorization: `Basic ${both}` };
}

/** A query in the address, or as a form when it is long. */
function requestFor(
  { base, auth }: RequestPorts,
  path: string,
  parameters: Readonly<Record<string, string>>,
): { url: string; init: RequestInit } {
  const form = new URLSearchParams(parameters).toString();
  const headers = {
    accept: 'application/json',
    // Mimir and Cortex answer from a cache of results otherwise.
    'cache-control': 'no-store',
    ...authorization(auth),
  };
  if (form.length <= maxGetCharacters)
    return { url: `${base}${path}${form === '' ? '' : `?${form}`}`, init: { headers } };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    url: `${base}${path}`,
    init: { method: 'POST', headers: { ...headers, ...type }, body: form },
  };
}

/** Asks the API and reads the envelope of its answer. Throws PrometheusError. */
export async function callApi(
  ports: RequestPorts,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  const { fetch, clock, signal, timeoutMs } = ports;
  const { host } = new URL(ports.base);
  const { url, init } = requestFor(ports, path, parameters);
  const limit = timeLimit(clock, timeoutMs, signal);
  try {
    const response = await fetch(url, {
      ...init,
      // A login page elsewhere must get no credentials, and is no answer.
      redirect: 'manual',
      signal: limit,
    });
    const text = await response.text();
    return readEnvelope({ status: response.status, text, host, path });
  } catch (error) {
    if (error instanceof PrometheusError) throw error;
    signal?.throwIfAborted();
    const failure = isTimeout(limit.reason) ? 'timeout' : 'unreachable';
    const what =
      failure === 'timeout'
        ? `did not answer within ${timeoutMs / 1000} s.`
        : 'could not be reached';
    throw new PrometheusError(`Prometheus ${host} ${what}`, { failure, status: 0, cause: error });
  }
}

function failureByStatus(status: number): PrometheusFailure {
  if (status === 400) return 'bad-query';
  if (status === 422) return 'failed-query';
  if (status === 401 || status === 403) return 'refused';
  if (status === 429 || status >= 500) return 'unavailable';
  return 'not-prometheus';
}

function hintOf(status: number, failure: PrometheusFailure): string {
  if (status >= 300 && status < 400) return ' (a redirect, as a login page sends it)';
  if (failure !== 'not-prometheus') return '';
  return '; is the URL that of the API, without /api/v1 and /graph?';
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
  throw new PrometheusError(
    said === ''
      ? `Prometheus ${host} answered ${path} with ${status}${hintOf(status, failure)}.`
      : `Prometheus ${host} answered ${status}: ${said.slice(0, 500)}`,
    { failure, status },
  );
}
