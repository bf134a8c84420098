import { isPassingStatus, isTransient, readLimited, retryAfterMs, shownUrl } from '@slipway/http';
import {
  ActionError,
  errorMessage,
  formatDuration,
  formatSize,
  retry,
  timeLimit,
  type Clock,
  type Fetch,
  type Log,
} from '@slipway/runtime';
import { rateLimitWaitMs } from './rate-limit.ts';

/** How much time requests may take. */
export interface Patience {
  /** For one attempt, its body included; 10 s by default. */
  attemptMs?: number;
  /** For all attempts of one request and the waits between them: none begins later; 90 s by default. */
  requestMs?: number;
  /** Attempts in all; 4 by default. */
  attempts?: number;
}

const mostBytes = 16 * 1024 * 1024;
/** A minute is what GitHub asks for at a secondary limit. */
const longestWaitMs = 65_000;

/** An answer after which the request is sent again, unless it asks for too long a wait. */
class PassingAnswer extends Error {
  readonly response: Response;
  readonly waitMs: number | undefined;

  constructor(response: Response, waitMs: number | undefined) {
    super(`answered ${response.status}`);
    this.response = response;
    this.waitMs = waitMs;
  }
}

/** The answer with its body read, so that the time limit holds for the body too. */
async function wholeAnswer(response: Response): Promise<{ whole: Response; body: unknown }> {
  const { text, truncated } = await readLimited(response, mostBytes);
  if (truncated)
    throw new ActionError(`An answer of GitHub is larger than ${formatSize(mostBytes)}.`);
  const { status, headers } = response;
  // 204 and its like may have no body, not even an empty one.
  const whole = new Response(text === '' ? null : text, { status, headers });
  return { whole, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * A fetch for GitHub's API: each attempt has a time limit, and one that met a broken connection, a
 * passing answer (5xx, 408, 425) or a limit on requests is repeated after the wait that GitHub asks for,
 * as long as that is at most a minute and the time lasts. All methods are repeated: what is written
 * twice does no harm here (see deployment-writing.ts). The last answer or error is the caller's.
 */
export function patientFetch(
  fetch: Fetch,
  { clock, log, patience }: { clock: Clock; log: Log; patience: Patience },
): Fetch {
  const { attemptMs = 10_000, requestMs = 90_000, attempts = 4 } = patience;
  return async (url, init) => {
    const signal = init?.signal ?? undefined;
    const send = async (): Promise<Response> => {
      const limited = timeLimit(clock, attemptMs, signal);
      const { whole, body } = await wholeAnswer(await fetch(url, { ...init, signal: limited }));
      const { status, headers } = whole;
      const limitMs = rateLimitWaitMs({ status, headers, body }, clock.now());
      if (limitMs !== undefined) throw new PassingAnswer(whole, limitMs);
      if (isPassingStatus(status))
        throw new PassingAnswer(whole, retryAfterMs(headers.get('retry-after'), clock.now()));
      return whole;
    };
    try {
      return await retry(send, {
        clock,
        attempts,
        signal,
        maxDelayMs: longestWaitMs,
        deadlineMs: clock.now() + requestMs,
        transient: (error) => error instanceof PassingAnswer || isTransient(error),
        askedMs: (error) => (error instanceof PassingAnswer ? error.waitMs : undefined),
        onRetry: ({ error, attempt, waitMs }) =>
          log.debug(
            `${shownUrl(url)}: ${errorMessage(error)}; attempt ${attempt} of ${attempts} in ${formatDuration(waitMs)}.`,
          ),
      });
    } catch (error) {
      if (error instanceof PassingAnswer) return error.response;
      throw error;
    }
  };
}
