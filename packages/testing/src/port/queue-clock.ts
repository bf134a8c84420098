import type { Clock } from '@slipway/runtime';
import type { TimerQueue } from './timer-queue.ts';

/** A clock by the time of `queue`; whoever moves the queue moves the clock. */
export function queueClock(queue: TimerQueue): Clock {
  return {
    now: () => queue.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const onAbort = (): void => {
          timer.stop();
          reject(signal?.reason as Error);
        };
        const timer = queue.add({
          ms,
          repeats: false,
          work: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    after: (ms, work) => queue.add({ ms, work, repeats: false }),
    every: (ms, work) => queue.add({ ms, work, repeats: true }),
  };
}
