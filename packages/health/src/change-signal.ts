import type { Clock } from '@slipway/runtime';

/** Lets a judge sleep until a check has something new. */
export interface News {
  tell: () => void;
  /** Resolves soon after something new was told, or after `ms`. Throws the signal's reason. */
  next: (ms: number) => Promise<void>;
}

/** What comes within this time is judged together: a rollout changes many pods at once. */
const gatherMs = 50;

/** News that ends with `signal`. */
export function createNews(clock: Clock, signal: AbortSignal): News {
  let heard = Promise.withResolvers<undefined>();
  return {
    tell: () => heard.resolve(undefined),
    next: async (ms) => {
      const early = new AbortController();
      const sleep = clock.sleep(ms, AbortSignal.any([signal, early.signal]));
      await Promise.race([heard.promise, sleep]).finally(() => {
        early.abort();
        // Its end by `early` is nobody's concern.
        sleep.catch(() => undefined);
      });
      signal.throwIfAborted();
      heard = Promise.withResolvers<undefined>();
      await clock.sleep(Math.min(gatherMs, ms), signal);
    },
  };
}
