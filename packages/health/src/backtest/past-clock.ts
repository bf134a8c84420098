import type { Clock, Timer } from '@slipway/runtime';

/** A clock of the past, which stands still until it is moved on. */
export interface PastClock extends Clock {
  /** Moves to the next moment that somebody waits for, at most to `untilMs`. */
  step(untilMs: number): void;
}

interface Waiting {
  atMs: number;
  work: () => void;
}

/** A clock that shows `startMs`. */
export function createPastClock(startMs: number): PastClock {
  let nowMs = startMs;
  const waiting = new Set<Waiting>();

  const wait = (ms: number, work: () => void, repeats = false): Timer => {
    const one: Waiting = {
      atMs: nowMs + ms,
      work: () => {
        if (repeats) restart();
        work();
      },
    };
    const restart = (): void => {
      one.atMs = nowMs + ms;
      waiting.add(one);
    };
    waiting.add(one);
    return {
      stop: () => void waiting.delete(one),
      restart: () => {
        if (waiting.has(one)) restart();
      },
    };
  };

  return {
    now: () => nowMs,
    after: (ms, work) => wait(ms, work),
    every: (ms, work) => wait(ms, work, true),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          timer.stop();
          reject(signal?.reason as Error);
        };
        const timer = wait(ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        if (signal?.aborted === true) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      }),
    step: (untilMs) => {
      const nextMs = Math.min(untilMs, ...[...waiting].map(({ atMs }) => atMs));
      nowMs = Math.max(nowMs, nextMs);
      for (const one of [...waiting].filter(({ atMs }) => atMs <= nowMs)) {
        waiting.delete(one);
        one.work();
      }
    },
  };
}
