import type { Clock, Fetch, Log } from '@slipway/runtime';

/** What caching needs of the world. */
export interface CachePorts {
  fetch: Fetch;
  log: Log;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}
