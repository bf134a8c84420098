import { timeLimit, type Clock, type Fetch } from '@slipway/runtime';

/**
 * A fetch each of whose requests, its body included, may take at most `timeoutMs`; then it rejects
 * with a TimeoutError. A signal of the request goes on to work.
 */
export function timeLimitedFetch(
  fetch: Fetch,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Fetch {
  return (url, init) =>
    fetch(url, { ...init, signal: timeLimit(clock, timeoutMs, init?.signal ?? undefined) });
}
