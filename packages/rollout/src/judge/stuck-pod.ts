import {
  isCurrentPod,
  isCutOff,
  isLeaving,
  isReady,
  podCause,
  type Cause,
  type Pod,
  type Workload,
} from '@slipway/kube';
import type { PodRecord } from '../history/index.ts';
import type { RolloutState } from './rollout-state.ts';

/** A pod of an earlier revision that is not ready, and that its controller leaves as it is for good. */
export interface StuckPod {
  pod: Pod;
  /** What is wrong with it, and that it holds the rollout up. */
  cause: Cause;
}

/** A pod that does not even run is left alone for as long, should it come by itself. */
const downForMs = 5_000;
/** One that runs and is not ready may be starting. */
const unreadyForMs = 60_000;

const revisionLabel = 'controller-revision-hash';

/** The ordinal at the end of the pod's name; 0 for one of a daemon set. */
function ordinalOf(pod: Pod): number {
  return Number(/-(\d+)$/.exec(pod.metadata?.name ?? '')?.[1] ?? 0);
}

function isDown(pod: Pod): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return (
    pod.status?.phase === 'Pending' ||
    pod.status?.phase === 'Failed' ||
    statuses.some(({ state, restartCount }) => state?.running === undefined || restartCount > 1)
  );
}

/** Whether the pod has been as it is for long enough to call it stuck. */
function isStuck(
  { pod, unreadySinceMs }: PodRecord,
  nowMs: number,
  { isLeft, strategy }: { isLeft: boolean; strategy: 'RollingUpdate' | 'OnDelete' },
): boolean {
  // A revision that is left behind was found broken; otherwise OnDelete leaves the pods to the user.
  if (isLeft || strategy === 'OnDelete') return isLeft;
  const forMs = isDown(pod) ? downForMs : unreadyForMs;
  return unreadySinceMs !== undefined && nowMs - unreadySinceMs >= forMs;
}

function causeOf(workload: Workload, pod: Pod, cause: Cause | undefined): Cause {
  const { ref } = workload;
  const held = `${ref.kind}/${ref.name} does not replace this pod of an earlier revision while it is not ready`;
  const known = cause ?? {
    reason: 'NotReady',
    object: `pod/${pod.metadata?.name ?? ''}`,
    message: 'it is not ready',
    recovery: 'unlikely' as const,
  };
  return { ...known, message: `${known.message}; ${held}` };
}

/**
 * Pods that keep a stateful set from its wanted revision: not of it, not ready, and left by their
 * controller, which waits for them for ever (kubernetes/kubernetes#67250); of a revision that is given up
 * (`leftRevision`) at once, and under OnDelete only these. None before the controller has seen the change.
 */
export function stuckPods(
  state: RolloutState,
  nowMs: number,
  leftRevision?: string,
): readonly StuckPod[] {
  const { workload } = state;
  if (workload?.replacement === undefined || workload.current === undefined) return [];
  const { replacement } = workload;
  const { strategy, partition } = replacement;
  return [...state.pods.values()].flatMap((record): StuckPod[] => {
    const { pod, gone } = record;
    const passed = gone || isLeaving(pod) || isReady(pod) || isCutOff(pod);
    if (passed || isCurrentPod(workload, pod) || ordinalOf(pod) < partition) return [];
    const revision = pod.metadata?.labels?.[revisionLabel];
    const isLeft = leftRevision !== undefined && revision === leftRevision;
    if (!isStuck(record, nowMs, { isLeft, strategy })) return [];
    return [{ pod, cause: causeOf(workload, pod, podCause(pod, state.events)) }];
  });
}
