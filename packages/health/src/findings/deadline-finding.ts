import type { Workload } from '@slipway/kube';
import { formatDuration } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';

/** The least that one new pod needs from its start until it counts as available, by its own probes. */
function leastStartMs({ template, minReadyMs = 0 }: Workload): number {
  const delays = (template?.containers ?? []).map(
    ({ readinessProbe, startupProbe }) =>
      Math.max(startupProbe?.initialDelaySeconds ?? 0, readinessProbe?.initialDelaySeconds ?? 0) *
      1_000,
  );
  return Math.max(0, ...delays) + minReadyMs;
}

/**
 * Says before any waiting that no release could be proven healthy by the deadline; undefined when one
 * could. `wasDone` is whether the pods have started already.
 */
export function deadlineFinding(
  workload: Workload,
  wasDone: boolean,
  time: { minSoakMs: number; deadlineMs: number },
): Finding | undefined {
  if (wasDone || workload.ref.kind === 'job') return undefined;
  const startMs = leastStartMs(workload);
  const leastMs = startMs + time.minSoakMs;
  if (leastMs < time.deadlineMs) return undefined;
  return {
    check: 'deadline',
    state: 'open',
    final: true,
    detail:
      `a verdict takes at least ${formatDuration(leastMs)}: new pods need ${formatDuration(startMs)} to become available ` +
      `(minReadySeconds, initialDelaySeconds), and min-soak is ${formatDuration(time.minSoakMs)}; the deadline is after ${formatDuration(time.deadlineMs)}`,
    wouldChange: 'a later deadline',
    next: `Set deadline to more than ${formatDuration(leastMs)}.`,
  };
}
