/** A timer that was set on a Clock. */
export interface Timer {
  /** Calls nothing any more; harmless when the timer has run out. */
  stop: () => void;
  /** Counts its time anew from now on, unless it was stopped. */
  restart: () => void;
}

/** Wall-clock time and waiting: the only way to a timer, so that tests can turn the time themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `work` once, in `ms` milliseconds. The timer alone does not keep the process alive. */
  after(ms: number, work: () => void): Timer;
  /** Calls `work` every `ms` milliseconds until it is stopped. It does not keep the process alive either. */
  every(ms: number, work: () => void): Timer;
}
