import {
  errorMessage,
  formatDuration,
  retry,
  type Clock,
  type Fetch,
  type Log,
} from '@slipway/runtime';
import { shownUrl } from './http-error.ts';
import { isTransient } from './network-error.ts';
import { isPassingStatus } from './passing-status.ts';

/** How a request is repeated. */
export interface RetryingFetchOptions {
  clock: Clock;
  log?: Log;
  /** Attempts in all; 4 by default. */
  attempts?: number;
  /** The first wait, 500 ms by default; doubled each time, and varied by half. */
  firstDelayMs?: number;
  /** The longest wait, 30 s by default; a server that asks for more gets its answer handed to the caller. */
  maxDelayMs?: number;
  /** Methods that may be sent twice here, besides those that may be everywhere. */
  repeat?: readonly string[];
  /** From 0 to 1. */
  random?: () => number;
}

/** Methods that may be sent twice (RFC 9110, section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Milliseconds of a Retry-After header, which holds seconds or a date; undefined without a usable one. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** An answer after which the request is sent again. */
class PassingAnswer extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`answered ${response.status}`);
    this.response = response;
  }
}

/**
 * A fetch that repeats idempotent requests after network errors and passing answers (408, 425, 429,
 * 5xx), with growing waits or those of Retry-After. The last answer or error is the caller's. Requests
 * with a stream for a body, and others than GET, HEAD, OPTIONS, PUT, DELETE and those of `repeat`, are sent once.
 */
export function retryingFetch(fetch: Fetch, options: RetryingFetchOptions): Fetch {
  const { clock, log, attempts = 4, repeat = [], ...delays } = options;
  return async (url, init) => {
    const method = (init?.method ?? 'GET').toUpperCase();
    const isRepeatable = idempotent.has(method) || repeat.includes(method);
    const once = !isRepeatable || init?.body instanceof ReadableStream;
    if (once) return fetch(url, init);
    const send = async (): Promise<Response> => {
      const response = await fetch(url, init);
      if (isPassingStatus(response.status)) throw new PassingAnswer(response);
      return response;
    };
    try {
      return await retry(send, {
        clock,
        attempts,
        ...delays,
        signal: init?.signal ?? undefined,
        transient: (error) => error instanceof PassingAnswer || isTransient(error),
        askedMs: (error) =>
          error instanceof PassingAnswer
            ? retryAfterMs(error.response.headers.get('retry-after'), clock.now())
            : undefined,
        onRetry: async ({ error, attempt, waitMs }) => {
          const why =
            error instanceof PassingAnswer ? error.message : `failed (${errorMessage(error)})`;
          log?.debug(
            `${method} ${shownUrl(url)} ${why}; attempt ${attempt} of ${attempts} in ${formatDuration(waitMs)}.`,
          );
          // The connection is free for the next attempt only when nothing is left to read.
          if (error instanceof PassingAnswer) await error.response.body?.cancel();
        },
      });
    } catch (error) {
      if (error instanceof PassingAnswer) return error.response;
      throw error;
    }
  };
}
