import type { Clock, Timer } from '../port/index.ts';

/**
 * A signal that aborts after `ms` with a TimeoutError (as AbortSignal.timeout has it), or before that
 * with the reason of any of `signals`.
 */
export function timeLimit(
  clock: Clock,
  ms: number,
  ...signals: readonly (AbortSignal | undefined)[]
): AbortSignal {
  const limit = new AbortController();
  clock.after(ms, () =>
    limit.abort(new DOMException(`It took longer than ${ms} ms.`, 'TimeoutError')),
  );
  return AbortSignal.any([...signals.filter((signal) => signal !== undefined), limit.signal]);
}

/** Watches over something that should be heard of again and again. */
export interface QuietLimit {
  /** Aborts when nothing was heard for too long, or with one of the other signals. */
  signal: AbortSignal;
  /** Something was heard: the time begins anew. */
  heard(): void;
  /** It is over: nothing aborts any more for its silence. */
  end(): void;
}

/** A limit on silence, for transfers that may take long as long as they move. Aborts with `reason()`. */
export function quietLimit(
  clock: Clock,
  options: { ms: number; reason: () => Error; signal?: AbortSignal | undefined },
): QuietLimit {
  const quiet = new AbortController();
  const timer: Timer = clock.after(options.ms, () => quiet.abort(options.reason()));
  const signals = [options.signal, quiet.signal].filter((signal) => signal !== undefined);
  return { signal: AbortSignal.any(signals), heard: timer.restart, end: timer.stop };
}
