import type { Clock } from '@slipway/runtime';
import { queueClock } from './queue-clock.ts';
import { timerQueue } from './timer-queue.ts';

/** Lets what was woken go on: its continuations, and what those put off by setImmediate. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * A clock that jumps: sleeping moves its time forward at once (other work still gets its turn), and
 * runs the timers that fall due on the way. For code that waits for one thing after the other.
 */
export function fakeClock(startMs = 1_800_000_000_000): Clock & { advance(ms: number): void } {
  const queue = timerQueue(startMs);
  const advance = (ms: number): void => {
    const untilMs = queue.now() + ms;
    while (queue.runNext(untilMs));
    queue.moveTo(untilMs);
  };
  return {
    now: () => queue.now(),
    advance,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
    after: (ms, work) => queue.add({ ms, work, repeats: false }),
    every: (ms, work) => queue.add({ ms, work, repeats: true }),
  };
}

/** A clock whose time stands still until the test moves it on. */
export interface SteppedClock extends Clock {
  /**
   * Moves the time on. Sleepers and timers that fall due wake in their order, each at its own time, and
   * what they set off gets its turns before the next one.
   */
  advance(ms: number): Promise<void>;
  /** How many sleepers and timers wait. */
  waiting(): number;
}

/** A clock for code that waits for several things at the same time, such as a lock that is renewed. */
export function steppedClock(startMs = 1_800_000_000_000): SteppedClock {
  const queue = timerQueue(startMs);
  return Object.assign(queueClock(queue), {
    waiting: () => queue.size(),
    advance: async (ms: number) => {
      const untilMs = queue.now() + ms;
      await settle();
      while (queue.runNext(untilMs)) await settle();
      queue.moveTo(untilMs);
    },
  });
}
