import type { Clock } from '@slipway/runtime';

/** Lets one loop sleep until something happens. */
export interface Wake {
  /** Resolves at the next change, at once when one happened since the last call, or after `ms`. */
  next(ms: number): Promise<void>;
  /** Wakes the sleeper now. */
  nudge(): void;
}

/** A wake by `clock`; when `signal` aborts, `next` resolves at once. */
export function createWake(clock: Clock, signal: AbortSignal): Wake {
  let changed = false;
  let woken = new AbortController();
  return {
    next: async (ms) => {
      if (!changed && !signal.aborted) {
        woken = new AbortController();
        await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
      }
      changed = false;
    },
    nudge: () => {
      changed = true;
      woken.abort();
    },
  };
}
