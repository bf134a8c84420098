import { podCause, type Cause, type Hold, type RolloutStatus, type Workload } from '@slipway/kube';
import type { PodRecord } from '../history/index.ts';
import { judgeTroubles, type JudgedTrouble } from './judged-trouble.ts';
import { causeKind } from './patience.ts';
import { podFault, type PodFault } from './pod-fault.ts';
import type { RolloutState } from './rollout-state.ts';
import { standingOf } from './standing.ts';
import { steadySince } from './steadiness.ts';
import { stuckPods, type StuckPod } from './stuck-pod.ts';
import { usualTemper, type Temper } from './temper.ts';

/** What is true of a rollout at one time. What to do about it is the caller's policy. */
export interface RolloutTruth {
  /** By the rules of `kubectl rollout status`. */
  status: RolloutStatus;
  /** Done by that status, or all pods serve that a partition or OnDelete lets be replaced. */
  done: boolean;
  /** The rollout of this revision has been done at some time: whatever pods lack now is no rollout's. */
  wasDone: boolean;
  /** Its pods are to end, and how they do is told by the job's status. */
  isJob: boolean;
  /** A job that has completed: nothing runs any more. */
  finished: boolean;
  /** What holds the rollout back although nothing is wrong. */
  hold: Hold | undefined;
  /** Pods wanted; of a rollout that is held back, those that are due. */
  desired: number;
  /** Pods of the current revision, those that leave or are gone included. */
  pods: readonly PodRecord[];
  /** Those of them that are to stay. */
  present: readonly PodRecord[];
  /** How many of these are ready: the pods that serve. */
  serving: number;
  /** The rollout is or was done, and every pod that is to stay serves. */
  steady: boolean;
  /**
   * Since when it has been steady without a break, in milliseconds since 1970; undefined when it is not. A
   * pod that left and is not missed breaks nothing, whatever is read first.
   */
  steadySinceMs: number | undefined;
  /** What keeps it from being so, that which waiting will not mend first. */
  troubles: readonly JudgedTrouble[];
  /** Pods of earlier revisions that it waits for in vain. */
  stuck: readonly StuckPod[];
  /** What pods did that no healthy one does, although they were to stay. */
  faults: readonly PodFault[];
  /** The controller gave up; why, as far as it can be seen. */
  gaveUp: Cause | undefined;
}

/** How a pod of a job ended that is over: the latest of those that failed. */
function lastFailure(state: RolloutState, pods: readonly PodRecord[]): Cause | undefined {
  return [...pods]
    .sort((a, b) => b.startedMs - a.startedMs)
    .map(({ pod }) => podCause(pod, state.events))
    .find((cause) => cause !== undefined && causeKind(cause) === 'crash');
}

/** Why the controller gave up: what is wrong now, what a job's last pod ended with, or its own words. */
function givenUp(
  state: RolloutState,
  workload: Workload,
  troubles: readonly JudgedTrouble[],
  pods: readonly PodRecord[],
): Cause {
  const { ref, rollout } = workload;
  const isJob = ref.kind === 'job';
  const reason = isJob ? 'JobFailed' : 'ProgressDeadlineExceeded';
  const object = `${ref.kind}/${ref.name}`;
  const unnamed: Cause = { reason, object, message: rollout.message, recovery: 'never' };
  // A job that ran out of time was ended from outside: how its pods ended is no cause.
  const ended = isJob && !/deadline/i.test(rollout.message) ? lastFailure(state, pods) : undefined;
  return troubles[0]?.cause ?? ended ?? unnamed;
}

/** What is true of the rollout at `nowMs`; undefined while its workload is not there. */
export function rolloutTruth(
  state: RolloutState,
  nowMs: number,
  temper: Temper = usualTemper,
): RolloutTruth | undefined {
  const { workload, steadiness } = state;
  if (workload === undefined) return undefined;
  const { rollout: status, desired, hold, ref } = workload;
  const { pods, present, serving, done } = standingOf(workload, state.pods);
  const { wasDone } = steadiness;
  const all = [...state.pods.values()];
  const troubles = judgeTroubles(state, {
    readyPods: serving,
    endingPods: all.filter(({ leaving, gone }) => leaving && !gone).length,
    hasServed: wasDone,
    temper,
  });
  // A job tries again by its own count: what its pods do is no fault until it gives up.
  const isJob = ref.kind === 'job';
  const judged = isJob ? [] : pods;
  return {
    status,
    done,
    wasDone,
    isJob,
    finished: isJob && status.done,
    hold,
    desired,
    pods,
    present,
    serving,
    steady: wasDone && present.length > 0 && serving === present.length,
    steadySinceMs: steadySince(steadiness, nowMs),
    troubles,
    stuck: stuckPods(state, nowMs),
    faults: judged.map((record) => podFault(record, nowMs)).filter((fault) => fault !== undefined),
    gaveUp: status.failed ? givenUp(state, workload, troubles, pods) : undefined,
  };
}

/**
 * The troubles that have lasted longer than one of their kind may, `moreMs` (0 when absent) added; in
 * the order of `truth.troubles`.
 */
export function lastingTroubles(
  truth: Pick<RolloutTruth, 'troubles'>,
  nowMs: number,
  moreMs = 0,
): JudgedTrouble[] {
  return truth.troubles.filter(
    ({ sinceMs, allowedMs }) => allowedMs !== undefined && nowMs - sinceMs >= allowedMs + moreMs,
  );
}
