import type { Fetch } from '@slipway/runtime';

/**
 * A fetch each of whose requests, its body included, may take at most `timeoutMs`; then it rejects
 * with a TimeoutError. A signal of the request goes on to work.
 */
export function timeLimitedFetch(fetch: Fetch, timeoutMs: number): Fetch {
  return (url, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signals = [init?.signal ?? undefined, limit].filter((signal) => signal !== undefined);
    return fetch(url, { ...init, signal: AbortSignal.any(signals) });
  };
}
