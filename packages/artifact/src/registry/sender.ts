import { retryingFetch, timeLimitedFetch } from '@slipway/http';
import { ActionError, type Clock, type Fetch } from '@slipway/runtime';

/** A request to a registry or its token service. The body can be sent again: no stream. */
export interface RegistryRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | URLSearchParams;
  /** Of one attempt, its body included; 60 s by default. */
  timeoutMs?: number;
}

/** Sends one request; tried again when the network or the server fails for a moment. */
export type SendRequest = (url: URL, request?: RegistryRequest) => Promise<Response>;

const attempts = 5;

/**
 * Sends without following redirects (the caller decides what may go where) and tries up to five times,
 * POST and PATCH too: an upload begun twice is dropped by the registry, and a part that it has already
 * it refuses. Throws ActionError when there is no answer.
 */
export function registrySender(options: {
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
}): SendRequest {
  const { clock, signal } = options;
  return async (url, { timeoutMs = 60_000, ...request } = {}) => {
    const limited = timeLimitedFetch(options.fetch, { clock, timeoutMs });
    const send = retryingFetch(limited, { clock, attempts, repeat: ['POST', 'PATCH'] });
    try {
      return await send(url, { ...request, redirect: 'manual', signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw new ActionError(`${url.host} could not be reached.`, {
        cause,
        next: 'Check the registry name in image and the network or proxy of the runner.',
      });
    }
  };
}
