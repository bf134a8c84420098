import { isCurrentPod, sortCauses, type Cause, type RolloutStatus } from '@slipway/kube';
import type { PodRecord } from '../history/index.ts';
import { patienceWith } from './patience.ts';
import { podFault, type PodFault } from './pod-fault.ts';
import type { RolloutState, Trouble } from './rollout-state.ts';

/** A trouble, and how long one of its kind may last. */
export interface JudgedTrouble extends Trouble {
  /** Milliseconds from `sinceMs`; undefined for as long as the caller's own deadline allows. */
  allowedMs: number | undefined;
}

/** What is true of a rollout at one time. What to do about it is the caller's policy. */
export interface RolloutTruth {
  /** By the rules of `kubectl rollout status`. */
  status: RolloutStatus;
  /** Pods wanted. */
  desired: number;
  /** Pods of the current revision, those that leave or are gone included. */
  pods: readonly PodRecord[];
  /** Those of them that are to stay. */
  present: readonly PodRecord[];
  /** How many of these are ready: the pods that serve. */
  serving: number;
  /** The rollout is done, and every pod that is to stay serves. */
  steady: boolean;
  /** What keeps it from being so, that which waiting will not mend first. */
  troubles: readonly JudgedTrouble[];
  /** What pods did that no healthy one does, although they were to stay. */
  faults: readonly PodFault[];
  /** The controller gave up; why, as far as it can be seen. */
  gaveUp: Cause | undefined;
}

function judgeTroubles(state: RolloutState, serving: number, ending: number): JudgedTrouble[] {
  const judged = [...state.troubles.values()].map((trouble): JudgedTrouble => {
    const pod = state.pods.get(trouble.podUid ?? '')?.pod;
    const events = state.events.filter(({ object }) => object.uid === trouble.podUid);
    const around = { pod, events, readyPods: serving, endingPods: ending };
    return { ...trouble, allowedMs: patienceWith(trouble.cause, around) };
  });
  const order = sortCauses(judged.map(({ cause }) => cause));
  return judged.sort((a, b) => order.indexOf(a.cause) - order.indexOf(b.cause));
}

/** What is true of the rollout at `nowMs`; undefined while its workload is not there. */
export function rolloutTruth(state: RolloutState, nowMs: number): RolloutTruth | undefined {
  const { workload } = state;
  if (workload === undefined) return undefined;
  const records = [...state.pods.values()];
  const pods = records.filter(({ pod }) => isCurrentPod(workload, pod));
  const present = pods.filter(({ leaving }) => !leaving);
  const serving = present.filter(({ ready }) => ready).length;
  const ending = records.filter(({ leaving, gone }) => leaving && !gone).length;
  const troubles = judgeTroubles(state, serving, ending);
  const { rollout: status, desired, ref } = workload;
  const reason = ref.kind === 'job' ? 'JobFailed' : 'ProgressDeadlineExceeded';
  const object = `${ref.kind}/${ref.name}`;
  const unnamed: Cause = { reason, object, message: status.message, recovery: 'never' };
  return {
    status,
    desired,
    pods,
    present,
    serving,
    steady: status.done && present.length > 0 && serving === present.length,
    troubles,
    faults: pods.map((record) => podFault(record, nowMs)).filter((fault) => fault !== undefined),
    gaveUp: status.failed ? (troubles[0]?.cause ?? unnamed) : undefined,
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
