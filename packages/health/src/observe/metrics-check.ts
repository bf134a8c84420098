import type { Clock } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';
import type { Check, CheckTime, RolloutView } from './check.ts';
import { createMetricsObserver, type MetricsRequest } from './metrics-observer.ts';

/** A check of what Prometheus knows of the new pods; `onNews` is called after each answer. */
export function createMetricsCheck(
  ports: { clock: Clock },
  request: MetricsRequest & { beganMs: number; deadlineMs: number; intervalMs: number },
  rollout: RolloutView,
  onNews: () => void,
): Check {
  const { clock } = ports;
  const observer = createMetricsObserver(request);
  const { checks } = observer;
  let known: readonly Finding[] = checks.map((check) => ({
    check,
    state: 'open',
    detail: 'not evaluated yet',
    wouldChange: 'more time',
  }));

  return {
    run: async (signal) => {
      while (!signal.aborted) {
        const nowMs = clock.now();
        const over = nowMs - request.beganMs >= request.deadlineMs;
        const pods = rollout.truth(nowMs)?.present ?? [];
        known = await observer
          .look(pods, { nowMs, beganMs: request.beganMs, over })
          .catch((error: unknown) => {
            // A query that ends with the verification is no bug.
            signal.throwIfAborted();
            throw error;
          });
        onNews();
        const leftMs = request.beganMs + request.deadlineMs - clock.now();
        const pauseMs = Math.max(50, leftMs > 0 ? Math.min(request.intervalMs, leftMs) : 500);
        await clock.sleep(pauseMs, signal).catch(() => undefined);
      }
    },
    findings: (_: CheckTime) => known,
    evidence: () => known,
  };
}
