import { retryingFetch, timeLimitedFetch } from '@slipway/http';
import { ActionError, type Clock, type Fetch } from '@slipway/runtime';

/** A request to a registry or its token service. The body can be sent again: no stream. A `Blob` is read while it is sent. */
export interface RegistryRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | Blob | URLSearchParams;
  /** Of one attempt, its body included; 60 s by default. */
  timeoutMs?: number;
  /** Not tried again here: the caller begins anew further back. */
  once?: boolean;
}

/** Sends one request; tried again when the network or the server fails for a moment, unless it is `once`. */
export type SendRequest = (url: URL, request?: RegistryRequest) => Promise<Response>;

/**
 * What lets fetch send a body without keeping it for a redirect or a prompt: else it is cloned, and the
 * clone holds all that was sent (Fetch standard, HTTP-network-or-cache fetch, step 8.1).
 */
const unkept = { redirect: 'error', window: null } as const;

/** Of everything that is sent to a registry. */
export const attempts = 5;

/**
 * Sends without following redirects (the caller decides what may go where) and tries up to five times,
 * POST too: a token asked for twice does no harm. Throws ActionError when there is no answer.
 */
export function registrySender(options: {
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
}): SendRequest {
  const { clock, signal } = options;
  return async (url, { timeoutMs = 60_000, once = false, ...request } = {}) => {
    const limited = timeLimitedFetch(options.fetch, { clock, timeoutMs });
    const send = once ? limited : retryingFetch(limited, { clock, attempts, repeat: ['POST'] });
    const init = { ...request, redirect: 'manual', signal } as const;
    try {
      return await send(url, request.body instanceof Blob ? { ...init, ...unkept } : init);
    } catch (cause) {
      signal.throwIfAborted();
      throw new ActionError(`${url.host} could not be reached.`, {
        cause,
        next: 'Check the registry name in image and the network or proxy of the runner.',
      });
    }
  };
}
