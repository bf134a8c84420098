import type { Clock } from '@slipway/runtime';
import { queueClock } from './queue-clock.ts';
import { timerQueue, type TimerQueue } from './timer-queue.ts';

const tickMs = 5;

/**
 * A clock that goes `speed` times as fast as the machine's, but never further in one turn of the event loop
 * than 5 ms times `speed`: where the machine is busy its time waits for this process, and so for servers in
 * it. For code that talks to real servers of the same process. It stands still while nobody waits for it.
 */
export function pacedClock(speed = 1): Clock {
  const queue = timerQueue(Date.now());
  let isTicking = false;
  const tick = (): void => {
    isTicking = false;
    const untilMs = queue.now() + tickMs * speed;
    while (queue.runNext(untilMs));
    queue.moveTo(untilMs);
    goOn();
  };
  const goOn = (): void => {
    if (isTicking || queue.size() === 0) return;
    isTicking = true;
    setTimeout(tick, tickMs).unref();
  };
  const add: TimerQueue['add'] = (timer) => {
    const added = queue.add(timer);
    goOn();
    return added;
  };
  return queueClock({
    now: queue.now,
    add,
    runNext: queue.runNext,
    moveTo: queue.moveTo,
    size: queue.size,
  });
}
