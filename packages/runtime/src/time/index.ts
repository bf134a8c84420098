export { retry, type ComingAttempt, type RetryOptions } from './retry.ts';
export { stopwatch, type Stopwatch, type TimedPart } from './stopwatch.ts';
export { systemClock } from './system-clock.ts';
export { quietLimit, timeLimit, type QuietLimit } from './time-limit.ts';
