import { isTimeout, readLimited, retryAfterMs } from '@slipway/http';
import { retry, timeLimit, type Clock, type Fetch } from '@slipway/runtime';
import type { RawAnswer } from './answer.ts';
import { authorization, type PrometheusAuth } from './prometheus-auth.ts';
import { PrometheusError, type PrometheusFailure } from './prometheus-error.ts';
import { parseErrorText } from './query-error.ts';

/** Where requests go, and with what. */
export interface RequestPorts {
  /** Without a slash at its end. */
  base: string;
  /** What the server is called in messages. */
  name: string;
  auth: PrometheusAuth;
  /** Sent along with every request: the tenant (`X-Scope-OrgID`) and the like. */
  headers: Readonly<Record<string, string>>;
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal | undefined;
  /** Limit of one request, its body included. */
  timeoutMs: number;
  /** Longer queries are sent as a form: proxies cut request lines at 8 KiB. */
  maxGetCharacters: number;
  /** Takes secrets out of what the server says, before it is cut short. */
  redact: (text: string) => string;
}

/** Parameters of a request; a list is a parameter that is given several times. */
export type Parameters = Readonly<Record<string, string | readonly string[]>>;

const maxAnswerBytes = 32 * 1024 * 1024;
/** One odd answer says nothing; what is wrong stays so at the next. */
const attempts = 3;
const longestWaitMs = 5_000;

function formOf(parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}

/** A query in the address, or as a form when it is long. */
function requestFor(
  ports: RequestPorts,
  path: string,
  parameters: Parameters,
): { url: string; init: RequestInit } {
  const { base } = ports;
  const form = formOf(parameters);
  const headers = {
    accept: 'application/json',
    // Mimir and Cortex answer from a cache of results otherwise.
    'cache-control': 'no-store',
    ...ports.headers,
    ...authorization(ports.auth),
  };
  if (form.length <= ports.maxGetCharacters)
    return { url: `${base}${path}${form === '' ? '' : `?${form}`}`, init: { headers } };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    url: `${base}${path}`,
    init: { method: 'POST', headers: { ...headers, ...type }, body: form },
  };
}

/** Whether the same request may well be answered a moment later: a proxy's odd 401 is, once. */
function isOdd(error: unknown, refusals: { left: number }): boolean {
  if (!(error instanceof PrometheusError)) return false;
  if (error.status === 401) return refusals.left-- > 0;
  return error.failure === 'unavailable' || error.failure === 'unreachable';
}

/**
 * Asks the API and reads the envelope of its answer. A 429, a 5xx, a connection that broke are tried
 * twice more, a 401 once. Throws PrometheusError.
 */
export async function callApi(
  ports: RequestPorts,
  path: string,
  parameters: Parameters,
): Promise<RawAnswer> {
  const { clock, signal } = ports;
  const refusals = { left: 1 };
  return await retry(() => callOnce(ports, path, parameters), {
    clock,
    signal,
    attempts,
    maxDelayMs: longestWaitMs,
    transient: (error) => isOdd(error, refusals),
    askedMs: (error) => (error instanceof PrometheusError ? error.retryAfterMs : undefined),
  });
}

async function callOnce(
  ports: RequestPorts,
  path: string,
  parameters: Parameters,
): Promise<RawAnswer> {
  const { fetch, clock, signal, timeoutMs, name, redact } = ports;
  const { url, init } = requestFor(ports, path, parameters);
  const limit = timeLimit(clock, timeoutMs, signal);
  try {
    const response = await fetch(url, {
      ...init,
      // A login page elsewhere must get no credentials, and is no answer.
      redirect: 'manual',
      signal: limit,
    });
    const { text } = await readLimited(response, maxAnswerBytes);
    const askedMs = retryAfterMs(response.headers.get('retry-after'), clock.now());
    const query = parameters['query'];
    return readEnvelope({
      status: response.status,
      text,
      name,
      path,
      askedMs,
      redact,
      query: typeof query === 'string' ? query : undefined,
    });
  } catch (error) {
    if (error instanceof PrometheusError) throw error;
    signal?.throwIfAborted();
    const failure = isTimeout(limit.reason) ? 'timeout' : 'unreachable';
    const what =
      failure === 'timeout'
        ? `did not answer within ${timeoutMs / 1000} s.`
        : 'could not be reached';
    throw new PrometheusError(`Prometheus ${name} ${what}`, { failure, status: 0, cause: error });
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

/** VictoriaMetrics answers 422 to whatever is wrong with a query, and tells by words alone what it is. */
function isUnparsed(parsed: RawAnswer | undefined, message: string): boolean {
  const isIts = parsed?.errorType === '422';
  return isIts && /unparsed data|unsupported function|number of args|regexp/.test(message);
}

/** What an answer says of its failure: Prometheus in `error`, an API server in between in `message`. */
function said(parsed: RawAnswer | undefined): string {
  const told = parsed?.error ?? (parsed?.kind === 'Status' ? parsed.message : undefined);
  return typeof told === 'string' ? told : '';
}

function readEnvelope(got: {
  status: number;
  text: string;
  name: string;
  path: string;
  query: string | undefined;
  askedMs: number | undefined;
  redact: (text: string) => string;
}): RawAnswer {
  const { status, text, name, path } = got;
  let parsed: RawAnswer | undefined;
  try {
    parsed = (JSON.parse(text) ?? undefined) as RawAnswer;
  } catch {
    // Proxies and login pages answer in HTML.
  }
  const speaks = parsed?.status === 'success' || parsed?.status === 'error';
  if (status === 200 && parsed?.status === 'success') return parsed;
  const byStatus = speaks || status !== 200 ? failureByStatus(status) : 'not-prometheus';
  const message = got.redact(said(parsed));
  const failure = isUnparsed(parsed, message) ? 'bad-query' : byStatus;
  const why = failure === 'bad-query' ? parseErrorText(message, got.query) : message;
  throw new PrometheusError(
    why === ''
      ? `Prometheus ${name} answered ${path} with ${status}${hintOf(status, failure)}.`
      : `Prometheus ${name} answered ${status}: ${why.slice(0, 500)}`,
    { failure, status, ...(got.askedMs === undefined ? {} : { retryAfterMs: got.askedMs }) },
  );
}
