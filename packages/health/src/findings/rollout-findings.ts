import { causeText, type Cause, type RolloutStatus } from '@slipway/kube';
import { formatDuration } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';

/** What Kubernetes says of the rollout. */
export interface RolloutEvidence {
  status: RolloutStatus;
  desired: number;
  /** What Kubernetes names as wrong, the worst first, and since when that has been so. */
  causes: readonly { cause: Cause; forMs: number }[];
}

/** How long a cause of each kind must last before it is believed. */
const believedAfterMs = { never: 3_000, unlikely: 8_000, maybe: Infinity } as const;

/** Causes that name a container that keeps ending have happened repeatedly already. */
const repeated = new Set(['CrashLoopBackOff', 'OOMKilled', 'LivenessProbeFailed']);

function because(cause: Cause): Pick<Finding, 'detail' | 'next' | 'logTail'> {
  return {
    detail: causeText(cause),
    next: `Look at: kubectl describe ${cause.object}`,
    ...(cause.logTail === undefined ? {} : { logTail: cause.logTail }),
  };
}

/**
 * Whether the release got to run at all. A rollout that is not done at the deadline is unhealthy, not
 * unproven: its pods had their time.
 */
export function rolloutFinding(
  evidence: RolloutEvidence,
  time: { elapsedMs: number; deadlineMs: number },
): Finding {
  const check = 'rollout';
  const { status, causes, desired } = evidence;
  if (desired === 0)
    return {
      check,
      state: 'open',
      settled: true,
      detail: 'the workload wants 0 pods, so there is nothing to verify',
      wouldChange: 'at least one replica',
      next: 'Scale the workload up, or leave out the verification.',
    };
  const certain = causes.find(
    ({ cause, forMs }) => repeated.has(cause.reason) || forMs >= believedAfterMs[cause.mends],
  );
  if (certain !== undefined && !status.done)
    return {
      check,
      state: 'bad',
      ...because(certain.cause),
      wouldChange: 'a rollout that is done',
    };
  const first = causes[0]?.cause;
  if (status.failed)
    return {
      check,
      state: 'bad',
      detail: status.message,
      ...(first === undefined ? {} : because(first)),
      wouldChange: 'a rollout that is done within its progressDeadlineSeconds',
    };
  if (status.done) return { check, state: 'good', detail: status.message };
  if (time.elapsedMs < time.deadlineMs)
    return {
      check,
      state: 'open',
      detail: first === undefined ? status.message : `${status.message}; ${causeText(first)}`,
      wouldChange: 'a rollout that is done',
    };
  return {
    check,
    state: 'bad',
    detail: `not done after ${formatDuration(time.elapsedMs)}: ${status.message}`,
    ...(first === undefined ? {} : because(first)),
    wouldChange: 'a rollout that is done before the deadline',
  };
}
