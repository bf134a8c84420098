import { errorCodes } from '@slipway/http';
import type { Clock, Log } from '@slipway/runtime';
import { errorMessage, formatDuration, InputError, quietLimit, retry } from '@slipway/runtime';
import type { Connection } from './connection.ts';
import { KubeError } from './kube-error.ts';

/** One request, and what to make of the answer. `read` runs within the request's time limit. */
export interface KubeRequest<T> {
  method: string;
  /** With the query string. */
  path: string;
  body?: string;
  contentType?: string;
  accept?: string;
  /** Besides those that every request has; a `user-agent` takes the place of ours. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** 0 means none, for watches. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  read: (response: Response) => Promise<T>;
}

/** Sends one request. */
export type Send = <T>(request: KubeRequest<T>) => Promise<T>;

/** Codes after which the request did not reach the server, or its connection broke before the answer. */
const unsent = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);
const safe = new Set(['GET']);

/** What went wrong on the way, for people. */
function reasonOf(error: unknown, codes: readonly string[]): string {
  const has = (...names: readonly string[]): boolean => names.some((name) => codes.includes(name));
  if (has('ECONNREFUSED')) return 'the connection was refused';
  if (has('ENOTFOUND', 'EAI_AGAIN')) return 'its name does not resolve';
  if (has('UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT')) return 'it does not answer';
  return errorMessage(error);
}

function unreachable(error: unknown, server: string, path: string): KubeError {
  const codes = errorCodes(error);
  const host = URL.canParse(server) ? new URL(server).host : server;
  const tls = codes.some((code) => /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code));
  return new KubeError(
    `The Kubernetes API server ${host} could not be ${tls ? 'trusted' : 'reached'}: ${reasonOf(error, codes)}.`,
    { status: 0, reason: tls ? 'Untrusted' : 'Unreachable', path, cause: error },
  );
}

/** Any failure of a request as a KubeError. */
function failureOf(error: unknown, request: KubeRequest<unknown>, server: string): KubeError {
  if (error instanceof KubeError) return error;
  const path = request.path.split('?')[0] ?? '';
  if ((error as Error).name !== 'TimeoutError') return unreachable(error, server, path);
  return new KubeError(
    `${request.method} ${path} was not answered within ${(request.timeoutMs ?? 0) / 1000} s.`,
    { status: 0, reason: 'Timeout', path, cause: error },
  );
}

/** Whether a request may be sent again without happening twice. */
function mayRepeat(method: string, failure: KubeError): boolean {
  const codes = errorCodes(failure.cause);
  if (failure.status === 429 || codes.includes('ECONNREFUSED')) return true;
  if (!safe.has(method)) return false;
  const isBusy = failure.status === 503 && failure.retryAfterMs !== undefined;
  return isBusy || codes.some((code) => unsent.has(code));
}

/**
 * Sends a request, again after a refused connection, 429 or 503 (waiting as Retry-After says), and
 * once more with new credentials after 401. Requests that change something are sent again only when
 * the connection was refused or the server said 429, so that nothing happens twice.
 */
export async function sendWithRetries<T>(
  ports: {
    connection: Connection;
    clock: Clock;
    log: Log;
    retries: number;
    signal: AbortSignal | undefined;
  },
  request: KubeRequest<T>,
): Promise<T> {
  const { connection, clock, log } = ports;
  const signals = [ports.signal, request.signal].filter((signal) => signal !== undefined);
  const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
  let renewed = false;
  const send = (): Promise<T> =>
    once(connection, clock, request, signals).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error instanceof InputError ? error : failureOf(error, request, connection.server);
    });
  const sendRenewed = (): Promise<T> =>
    send().catch((error: unknown) => {
      const isRefused = error instanceof KubeError && error.status === 401;
      if (!isRefused || renewed || !connection.renew()) throw error;
      renewed = true;
      return send();
    });
  return retry(sendRenewed, {
    clock,
    signal,
    attempts: ports.retries + 1,
    firstDelayMs: 250,
    transient: (error) => error instanceof KubeError && mayRepeat(request.method, error),
    askedMs: (error) => (error instanceof KubeError ? error.retryAfterMs : undefined),
    onRetry: ({ error, waitMs }) =>
      log.debug(`${errorMessage(error)} Trying again in ${formatDuration(waitMs)}.`),
  });
}

async function once<T>(
  connection: Connection,
  clock: Clock,
  request: KubeRequest<T>,
  signals: readonly AbortSignal[],
): Promise<T> {
  const { fetch, headers } = await connection.ready();
  const { timeoutMs = 0, headers: given = [] } = request;
  const limit = timeoutMs === 0 ? undefined : quietLimit(clock, timeoutMs);
  const all = limit === undefined ? signals : [...signals, limit.signal];
  let response: Response | undefined;
  try {
    response = await fetch(connection.server + request.path, {
      method: request.method,
      headers: [
        ['accept', request.accept ?? 'application/json'],
        ...(given.some(([name]) => /^user-agent$/i.test(name)) ? [] : [['user-agent', 'slipway']]),
        ...given.map(([name, value]) => [name, value]),
        ...(request.contentType === undefined ? [] : [['content-type', request.contentType]]),
        ...headers.map(([name, value]) => [name, value]),
      ] as [string, string][],
      // Credentials go to this server only, whatever it answers.
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(all.length === 0 ? {} : { signal: AbortSignal.any([...all]) }),
    });
    return await request.read(response);
  } finally {
    limit?.end();
    if (response?.bodyUsed === false) await response.body?.cancel().catch(() => undefined);
  }
}
