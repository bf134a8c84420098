import { ActionError, errorMessage, type Clock, type Fetch } from '@slipway/runtime';

/** One HTTP request that is tried again when the network or the server fails for a moment. */
export type SendRequest = (
  url: URL,
  init?: RequestInit & { timeoutMs?: number },
) => Promise<Response>;

const attempts = 5;
const maxWaitMs = 30_000;

/** The body, refused above `maxBytes`: a registry's answer is not trusted to be small. */
export async function readLimited(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    total += chunk.length;
    if (total > maxBytes)
      throw new ActionError(
        `${new URL(response.url || 'http://unknown').host} sent more than the ${maxBytes} bytes that are read of such an answer.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function waitMs(response: Response | undefined, attempt: number): number {
  const asked = Number(response?.headers.get('retry-after') ?? Number.NaN) * 1000;
  const own = 500 * 2 ** attempt;
  return Math.min(maxWaitMs, Number.isFinite(asked) && asked > 0 ? asked : own);
}

/**
 * Sends without following redirects (the caller decides what may go where) and tries up to five times
 * on network errors, 408, 425, 429 and 5xx, waiting as Retry-After says. A body must be a value that
 * can be sent again, never a stream.
 */
export function retryingSender(options: {
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
}): SendRequest {
  const { fetch, clock, signal } = options;
  return async (url, { timeoutMs = 60_000, ...init } = {}) => {
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      let response: Response | undefined;
      let failure: unknown;
      try {
        response = await fetch(url, {
          ...init,
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
      const passing =
        response === undefined ||
        [408, 425, 429].includes(response.status) ||
        response.status >= 500;
      if (!passing && response !== undefined) return response;
      if (attempt + 1 >= attempts) {
        if (response !== undefined) return response;
        throw new ActionError(`${url.host} could not be reached: ${errorMessage(failure)}.`, {
          cause: failure,
          next: 'Check the registry name in image and the network or proxy of the runner.',
        });
      }
      await response?.body?.cancel();
      await clock.sleep(waitMs(response, attempt), signal);
    }
  };
}
