import type { Clock } from '@slipway/runtime';
import type { Connect } from '../probe/index.ts';

/** How long one request of our own took, as it was seen from here. Milliseconds. */
export interface TimedAnswer {
  durationMs: number;
  /** What of it went by until the pod was connected; undefined where nobody can tell. */
  wayMs: number | undefined;
}

/** Whether a request took longer than a limit: the way to the pod is not the pod's. */
export type Slowness = 'quick' | 'perhaps' | 'slow';

/**
 * Which side of the limit the pod's own time lies on. It is at most what was left after the connection
 * stood; the way there and back is taken for no longer than opening the connection, which takes several.
 */
export function slownessOf({ durationMs, wayMs }: TimedAnswer, limitMs: number): Slowness {
  if (durationMs - (wayMs ?? 0) <= limitMs) return 'quick';
  return wayMs !== undefined && durationMs - 2 * wayMs > limitMs ? 'slow' : 'perhaps';
}

/** The same connections, and how long the request that they are for has taken so far. */
export function timedConnect(
  clock: Clock,
  connect: Connect,
): { connect: Connect; time: () => TimedAnswer } {
  const beganMs = clock.now();
  let wayMs: number | undefined;
  return {
    connect: async (port, limit) => {
      const askedMs = clock.now();
      const stream = await connect(port, limit);
      // A redirect opens another one.
      wayMs = (wayMs ?? 0) + clock.now() - askedMs;
      return stream;
    },
    time: () => ({ durationMs: clock.now() - beganMs, wayMs }),
  };
}
