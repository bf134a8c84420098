import { errorMessage, formatDuration, type Clock, type Fetch, type Log } from '@slipway/runtime';
import { shownUrl } from './http-error.ts';

/** How a request is repeated. */
export interface RetryOptions {
  clock: Clock;
  log?: Log;
  /** Attempts in all; 4 by default. */
  attempts?: number;
  /** The first wait; doubled each time, and varied by half so that many jobs do not come at once. */
  firstDelayMs?: number;
  /** The longest wait; a server that asks for more gets its answer handed to the caller. */
  maxDelayMs?: number;
  /** From 0 to 1. */
  random?: () => number;
}

/** Methods that may be sent twice (RFC 9110, section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Certificates do not mend themselves. */
const lasting = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_INVALID/;

/** Milliseconds of a Retry-After header, which holds seconds or a date; undefined without a usable one. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Whether the same request may well succeed in a moment. */
export function isPassing(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as NodeJS.ErrnoException;
    if (typeof code === 'string' && lasting.test(code)) return false;
  }
  return true;
}

function delayMs(attempt: number, options: RetryOptions): number {
  const { firstDelayMs = 500, maxDelayMs = 30_000, random = Math.random } = options;
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
}

/**
 * A fetch that repeats idempotent requests after network errors and passing answers (408, 425, 429,
 * 5xx), with growing waits or those of Retry-After. The last answer or error is the caller's. Requests
 * with a stream for a body, and others than GET, HEAD, OPTIONS, PUT and DELETE, are sent once.
 */
export function retryingFetch(fetch: Fetch, options: RetryOptions): Fetch {
  const { clock, log, attempts = 4, maxDelayMs = 30_000 } = options;
  return async (url, init) => {
    const method = (init?.method ?? 'GET').toUpperCase();
    const once = !idempotent.has(method) || init?.body instanceof ReadableStream;
    const signal = init?.signal ?? undefined;
    for (let attempt = 1; ; attempt += 1) {
      const last = once || attempt >= attempts;
      let why: string;
      let wait = delayMs(attempt, options);
      try {
        const response = await fetch(url, init);
        if (last || !passing.has(response.status)) return response;
        const asked = retryAfterMs(response.headers.get('retry-after'), clock.now());
        if (asked !== undefined && asked > maxDelayMs) return response;
        wait = asked ?? wait;
        why = `answered ${response.status}`;
        // The connection is free for the next attempt only when nothing is left to read.
        await response.body?.cancel();
      } catch (error) {
        if (last || signal?.aborted === true || !isPassing(error)) throw error;
        why = `failed (${errorMessage(error)})`;
      }
      log?.debug(
        `${method} ${shownUrl(url)} ${why}; attempt ${attempt + 1} of ${attempts} in ${formatDuration(wait)}.`,
      );
      await clock.sleep(wait, signal);
    }
  };
}
