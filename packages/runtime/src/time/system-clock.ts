import type { Clock, Timer } from '../port/index.ts';

/** Node fires a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function unattended(timer: NodeJS.Timeout): Timer {
  timer.unref();
  return {
    stop: () => clearTimeout(timer),
    restart: () => void timer.refresh(),
  };
}

/** The machine's own clock. A timer of more than 24 days runs out after these. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    for (let left = ms; left > 0 || left === ms; left -= longestTimerMs)
      await wait(Math.min(left, longestTimerMs), signal);
  },
  after: (ms, work) => unattended(setTimeout(work, Math.min(ms, longestTimerMs))),
  every: (ms, work) => unattended(setInterval(work, Math.min(ms, longestTimerMs))),
};
