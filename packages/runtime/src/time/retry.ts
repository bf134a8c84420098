import type { Clock } from '../port/index.ts';

/** What will happen before the next attempt. */
export interface ComingAttempt {
  /** What the attempt before threw. */
  error: unknown;
  /** The number of the coming attempt; the first retry is 2. */
  attempt: number;
  waitMs: number;
}

/** How work is repeated. */
export interface RetryOptions {
  clock: Clock;
  /**
   * Whether the same work may well succeed a moment later. Decided by an error's type and fields, never
   * by its text, which is made for people.
   */
  transient: (error: unknown) => boolean;
  /** Attempts in all. */
  attempts: number;
  /** The first wait, 500 ms by default; doubled each time, and varied by half so that many jobs do not come at once. */
  firstDelayMs?: number;
  /** The longest wait, 30 s by default. Who asks for more is not asked again. */
  maxDelayMs?: number;
  /** How long the other side asked to wait (Retry-After); waited exactly. */
  askedMs?: (error: unknown) => number | undefined;
  /** No attempt begins at or after this time of the clock. */
  deadlineMs?: number;
  /** Ends waits and attempts with its reason. */
  signal?: AbortSignal | undefined;
  /** Called before each wait, for the log or for tidying up. */
  onRetry?: (coming: ComingAttempt) => void | Promise<void>;
  /** From 0 to 1. */
  random?: () => number;
}

/** The wait before `attempt`, or undefined when there should be none. */
function waitBefore(attempt: number, error: unknown, options: RetryOptions): number | undefined {
  const { clock, firstDelayMs = 500, maxDelayMs = 30_000, deadlineMs = Infinity } = options;
  if (attempt > options.attempts || !options.transient(error)) return undefined;
  const grown = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 2));
  const waitMs = options.askedMs?.(error) ?? grown * (0.5 + (options.random ?? Math.random)() / 2);
  return waitMs > maxDelayMs || clock.now() + waitMs >= deadlineMs ? undefined : waitMs;
}

/**
 * Does `work` until it succeeds, fails for good or was tried often enough; then throws what the last
 * attempt threw. After an abort the signal's reason is thrown.
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { clock, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitBefore(attempt + 1, error, options);
      if (waitMs === undefined) throw error;
      await options.onRetry?.({ error, attempt: attempt + 1, waitMs });
      await clock.sleep(waitMs, signal);
    }
  }
}
