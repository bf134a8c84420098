import type { Clock } from '../port/index.ts';
import { formatDuration } from '../text/index.ts';

const timeout = (message: string): Error => new DOMException(message, 'TimeoutError');

function any(own: AbortController, others: readonly (AbortSignal | undefined)[]): AbortSignal {
  const given = others.filter((signal) => signal !== undefined);
  return given.length === 0 ? own.signal : AbortSignal.any([...given, own.signal]);
}

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
  clock.after(ms, () => limit.abort(timeout(`It took longer than ${formatDuration(ms)}.`)));
  return any(limit, signals);
}

/** Watches over something that should be heard of again and again. */
export interface QuietLimit {
  /** Aborts when nothing was heard for too long, or with one of the other signals. */
  signal: AbortSignal;
  /** Something was heard: the time begins anew. */
  heard: () => void;
  /** It is over: nothing aborts any more for its silence. */
  end: () => void;
}

/**
 * A limit on silence, for transfers that may take long as long as they move: aborts with a TimeoutError
 * when nothing was heard for `ms`, or with the reason of any of `signals`.
 */
export function quietLimit(
  clock: Clock,
  ms: number,
  ...signals: readonly (AbortSignal | undefined)[]
): QuietLimit {
  const quiet = new AbortController();
  const timer = clock.after(ms, () =>
    quiet.abort(timeout(`Nothing was heard for ${formatDuration(ms)}.`)),
  );
  return { signal: any(quiet, signals), heard: timer.restart, end: timer.stop };
}
