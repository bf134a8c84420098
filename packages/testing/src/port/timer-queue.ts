import type { Timer } from '@slipway/runtime';

/** Timers by a time of their own, which moves only when it is told to. */
export interface TimerQueue {
  now: () => number;
  add: (timer: { ms: number; work: () => void; repeats: boolean }) => Timer;
  /** Moves to the next timer that is due by `untilMs` and runs it; false when there is none. */
  runNext: (untilMs: number) => boolean;
  /** Moves to `timeMs`, never back. */
  moveTo: (timeMs: number) => void;
  /** How many timers are set. */
  size: () => number;
}

/** A queue without timers. Those that are due at the same time run in the order in which they were set. */
export function timerQueue(startMs: number): TimerQueue {
  interface Due {
    atMs: number;
    run: () => void;
  }
  const set = new Set<Due>();
  let nowMs = startMs;
  const moveTo = (timeMs: number): void => {
    nowMs = Math.max(nowMs, timeMs);
  };
  return {
    now: () => nowMs,
    moveTo,
    size: () => set.size,
    add: ({ ms, work, repeats }) => {
      const due: Due = {
        atMs: nowMs + ms,
        run: () => {
          if (repeats) due.atMs += Math.max(1, ms);
          else set.delete(due);
          work();
        },
      };
      let stopped = false;
      set.add(due);
      return {
        stop: () => {
          stopped = true;
          set.delete(due);
        },
        restart: () => {
          if (stopped) return;
          // Taken out and put in again, so that it runs after those that were set before now.
          set.delete(due);
          due.atMs = nowMs + ms;
          set.add(due);
        },
      };
    },
    runNext: (untilMs) => {
      const [first] = [...set].sort((a, b) => a.atMs - b.atMs);
      if (first === undefined || first.atMs > untilMs) return false;
      moveTo(first.atMs);
      first.run();
      return true;
    },
  };
}
