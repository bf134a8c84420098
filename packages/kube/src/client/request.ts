import type { Clock, Log } from '@slipway/runtime';
import { errorMessage, InputError, quietLimit } from '@slipway/runtime';
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
  /** 0 means none, for watches. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  read: (response: Response) => Promise<T>;
}

/** Sends one request. */
export type Send = <T>(request: KubeRequest<T>) => Promise<T>;

const refused = /ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/;
const safe = new Set(['GET']);

interface Linked {
  code?: unknown;
  name?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** The codes and names along a chain of causes, by which undici and Node tell what went wrong. */
function codes(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return '';
  const { code, name, cause, errors } = error as Linked;
  const several: unknown[] = Array.isArray(errors) ? errors : [];
  return [
    String(code ?? name),
    ...[cause, ...several].map((inner) => codes(inner, depth + 1)),
  ].join(' ');
}

/** What went wrong on the way, for people. */
function reasonOf(error: unknown, known: string): string {
  if (known.includes('ECONNREFUSED')) return 'the connection was refused';
  if (/ENOTFOUND|EAI_AGAIN/.test(known)) return 'its name does not resolve';
  if (/UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT/.test(known)) return 'it does not answer';
  return errorMessage(error);
}

function unreachable(error: unknown, server: string, path: string): KubeError {
  const known = codes(error);
  const host = URL.canParse(server) ? new URL(server).host : server;
  const tls = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(known);
  return new KubeError(
    `The Kubernetes API server ${host} could not be ${tls ? 'trusted' : 'reached'}: ${reasonOf(error, known)}.`,
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
  const known = codes(failure.cause);
  if (failure.status === 429 || known.includes('ECONNREFUSED')) return true;
  if (!safe.has(method)) return false;
  return (failure.status === 503 && failure.retryAfterMs !== undefined) || refused.test(known);
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
  const { connection, clock } = ports;
  const signals = [ports.signal, request.signal].filter((signal) => signal !== undefined);
  let renewed = false;
  for (let attempt = 0; ; attempt += 1) {
    for (const signal of signals) signal.throwIfAborted();
    try {
      return await once(connection, clock, request, signals);
    } catch (error) {
      for (const signal of signals) signal.throwIfAborted();
      if (error instanceof InputError) throw error;
      const failure = failureOf(error, request, connection.server);
      if (failure.status === 401 && !renewed && connection.renew()) {
        renewed = true;
        continue;
      }
      if (!mayRepeat(request.method, failure) || attempt >= ports.retries) throw failure;
      const waitMs = failure.retryAfterMs ?? Math.min(250 * 3 ** attempt, 5_000);
      ports.log.debug(`${failure.message} Trying again in ${waitMs} ms.`);
      await clock.sleep(waitMs, signals.length === 0 ? undefined : AbortSignal.any(signals));
    }
  }
}

async function once<T>(
  connection: Connection,
  clock: Clock,
  request: KubeRequest<T>,
  signals: readonly AbortSignal[],
): Promise<T> {
  const { fetch, headers } = await connection.ready();
  const { timeoutMs = 0 } = request;
  const limit = timeoutMs === 0 ? undefined : quietLimit(clock, timeoutMs);
  const all = limit === undefined ? signals : [...signals, limit.signal];
  let response: Response | undefined;
  try {
    response = await fetch(connection.server + request.path, {
      method: request.method,
      headers: [
        ['accept', request.accept ?? 'application/json'],
        ['user-agent', 'slipway'],
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
