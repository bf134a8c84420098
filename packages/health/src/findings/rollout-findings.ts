import { causeText, type Cause } from '@slipway/kube';
import { lastingTroubles, type RolloutTruth } from '@slipway/rollout';
import { formatDuration } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';

const check = 'rollout';

function because(cause: Cause): Pick<Finding, 'detail' | 'next'> {
  return { detail: causeText(cause), next: `Look at: kubectl describe ${cause.object}` };
}

function wanted(what: string): string {
  return `a rollout that is done${what}`;
}

/**
 * Whether the release got to run at all. A rollout that is not done at the deadline is unhealthy, not
 * unproven: its pods had their time.
 */
export function rolloutFinding(
  truth: RolloutTruth,
  time: { nowMs: number; elapsedMs: number; deadlineMs: number },
): Finding {
  const { status, desired, gaveUp } = truth;
  if (desired === 0)
    return {
      check,
      state: 'open',
      settled: true,
      detail: 'the workload wants 0 pods, so there is nothing to verify',
      wouldChange: 'at least one replica',
      next: 'Scale the workload up, or leave out the verification.',
    };
  if (status.done) return { check, state: 'good', detail: status.message };
  const [lasting] = lastingTroubles(truth, time.nowMs);
  if (lasting !== undefined)
    return { check, state: 'bad', ...because(lasting.cause), wouldChange: wanted('') };
  if (gaveUp !== undefined)
    return {
      check,
      state: 'bad',
      ...because(gaveUp),
      wouldChange: wanted(' within its progressDeadlineSeconds'),
    };
  const first = truth.troubles[0]?.cause;
  if (time.elapsedMs < time.deadlineMs)
    return {
      check,
      state: 'open',
      detail: first === undefined ? status.message : `${status.message}; ${causeText(first)}`,
      wouldChange: wanted(''),
    };
  return {
    check,
    state: 'bad',
    detail: `not done after ${formatDuration(time.elapsedMs)}: ${status.message}`,
    ...(first === undefined ? {} : because(first)),
    wouldChange: wanted(' before the deadline'),
  };
}
