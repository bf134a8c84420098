import type { Pod } from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import type { RolloutTruth } from '../judge/index.ts';

/** Says how far each workload is, without flooding the log. */
export interface ProgressLog {
  tell(name: string, line: string, last?: boolean): void;
}

const spacingMs = 1_000;
const heartbeatMs = 30_000;

/** One line per change, at most one a second for each workload, and a sign of life every 30 s. */
export function createProgressLog(log: Log, clock: Clock): ProgressLog {
  const last = new Map<string, { line: string; atMs: number }>();
  return {
    tell: (name, line, isLast = false) => {
      const nowMs = clock.now();
      const before = last.get(name);
      const sinceMs = before === undefined ? Number.POSITIVE_INFINITY : nowMs - before.atMs;
      const due = before?.line === line ? sinceMs >= heartbeatMs : isLast || sinceMs >= spacingMs;
      if (!due) return;
      last.set(name, { line, atMs: nowMs });
      log.info(`${name}: ${line}`);
    },
  };
}

function podState(pod: Pod): string {
  const statuses = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  for (const { state, ready } of statuses) {
    if (state?.waiting?.reason !== undefined) return state.waiting.reason;
    if (state?.terminated !== undefined && state.terminated.exitCode !== 0)
      return state.terminated.reason ?? 'Error';
    if (state?.running !== undefined && !ready) return 'running, not ready';
  }
  const unscheduled = pod.status?.conditions?.some(
    ({ type, status, reason }) =>
      type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  );
  return unscheduled === true ? 'Unschedulable' : (pod.status?.phase ?? 'Pending');
}

/** `1 of 2 new pods ready (api-7f9c-x2x4z: ContainerCreating)`. */
export function progressLine(truth: RolloutTruth): string {
  const { status, desired, present, serving } = truth;
  if (status.done || serving >= desired) return status.message;
  const unready = present.find(({ ready }) => !ready)?.pod;
  const detail =
    unready === undefined ? '' : ` (${unready.metadata?.name ?? 'a pod'}: ${podState(unready)})`;
  return `${serving} of ${desired} new pods ready${detail}`;
}
