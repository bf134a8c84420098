import { formatSize, type Clock } from '@slipway/runtime';

/** Too little to judge a connection by. */
const judgeAfterMs = 1_000;
const judgeEveryMs = 250;

/** How far something is: bytes done, and bytes in all as far as that is known. */
export interface Progress {
  done: number;
  total?: number;
}

/** How long to wait, and for what. */
export interface Patience {
  /** What is waited for, as in "restoring". */
  what: string;
  /** What doing without costs, where that is known: being about to wait longer than this is waiting too long. */
  worthMs?: number;
  /** Waiting this long is never too long by itself: a busy machine is not the fault of the link. */
  leastMs: number;
  /** Nothing at all happening for this long is waiting too long as well. */
  quietMs: number;
  progress: () => Progress;
}

/** Nobody waits any more; the message says why. */
export class GivenUpError extends Error {}

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;

/** Why to give up now; undefined while it is worth waiting. */
function reasonToStop(
  patience: Patience,
  at: { elapsedMs: number; quietMs: number; movingMs: number },
): string | undefined {
  const { what, worthMs } = patience;
  const { done, total } = patience.progress();
  const without = worthMs === undefined ? '' : `, doing without takes about ${seconds(worthMs)}`;
  const longestMs = Math.max(worthMs ?? 0, patience.leastMs);
  if (at.elapsedMs > longestMs) return `${what} took more than ${seconds(longestMs)}${without}`;
  if (total !== undefined && done >= total) return undefined;
  if (at.quietMs > patience.quietMs)
    return `${what}: nothing was heard for ${seconds(patience.quietMs)}`;
  const isKnown = total !== undefined && worthMs !== undefined;
  if (!isKnown || done === 0 || at.movingMs < judgeAfterMs) return undefined;
  const leftMs = (at.movingMs / done) * (total - done);
  const predictedMs = at.elapsedMs + leftMs;
  if (predictedMs <= worthMs) return undefined;
  return `${what} ${formatSize(total)} would take about ${seconds(predictedMs)} at this speed${without}`;
}

/**
 * Resolves with what `work` does, or rejects with GivenUpError when it is not worth waiting any longer: the judge
 * begins at once, with the first request. `work` itself is not stopped.
 */
export async function waitPatiently<T>(
  clock: Clock,
  patience: Patience,
  work: Promise<T>,
): Promise<T> {
  const startedMs = clock.now();
  let heardMs = startedMs;
  let movingSinceMs: number | undefined;
  let seen = patience.progress().done;
  const stopped = Promise.withResolvers<never>();
  const judge = clock.every(judgeEveryMs, () => {
    const nowMs = clock.now();
    const { done } = patience.progress();
    if (done !== seen) {
      heardMs = nowMs;
      movingSinceMs ??= nowMs;
      seen = done;
    }
    const reason = reasonToStop(patience, {
      elapsedMs: nowMs - startedMs,
      quietMs: nowMs - heardMs,
      movingMs: nowMs - (movingSinceMs ?? nowMs),
    });
    if (reason !== undefined) stopped.reject(new GivenUpError(reason));
  });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    judge.stop();
    work.catch(() => undefined);
  }
}
