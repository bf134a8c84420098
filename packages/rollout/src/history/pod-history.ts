import {
  disruptionOf,
  isCutOff,
  isLeaving,
  isReady,
  lastingStatuses,
  readyCondition,
  type Pod,
} from '@slipway/kube';
import type { PodChange } from './observation.ts';

/** A container that ended while its pod was to stay. */
export interface ContainerEnd {
  container: string;
  reason: string;
  exitCode: number;
  /** Whether the pod had been ready before. */
  afterReady: boolean;
}

/** What happened to one pod while it was watched. */
export interface PodRecord {
  pod: Pod;
  /** Milliseconds since 1970 when its first container started; its creation until then. */
  startedMs: number;
  ready: boolean;
  everReady: boolean;
  /** Since when it has not been ready, as far as it was watched; absent while it is. Milliseconds since 1970. */
  unreadySinceMs?: number;
  /** Times at which it stopped being ready although it was to stay. */
  flapsMs: readonly number[];
  /** Containers that ended since it was first seen, other than by its deletion or its node. */
  ends: readonly ContainerEnd[];
  /** Being deleted, taken away by the cluster, or gone. */
  leaving: boolean;
  /** No longer there. */
  gone: boolean;
}

/** The pods seen so far, by uid. Treat as a value: `recordPod` returns a new one. */
export type PodHistory = ReadonlyMap<string, PodRecord>;

function startedMs(pod: Pod): number {
  const starts = (pod.status?.containerStatuses ?? []).flatMap(({ state, lastState }) =>
    [state?.running?.startedAt, state?.terminated?.startedAt, lastState?.terminated?.startedAt].map(
      (text) => Date.parse(text ?? ''),
    ),
  );
  const known = starts.filter((ms) => ms > 0);
  return known.length > 0 ? Math.min(...known) : Date.parse(pod.metadata?.creationTimestamp ?? '');
}

type ContainerStatus = ReturnType<typeof lastingStatuses>[number];
type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** Init containers that are to end: only one that was killed for memory says something by its end. */
function passingStatuses(pod: Pod): ContainerStatus[] {
  const lasting = new Set(lastingStatuses(pod));
  return (pod.status?.initContainerStatuses ?? []).filter((status) => !lasting.has(status));
}

/**
 * Whether the runtime merely lost the container, as when its node is started anew: containerd then makes up
 * exit code 255 (pkg/cri/store/container), the kubelet 137 (pkg/kubelet, ContainerStatusUnknown).
 */
function wasLost({ reason, exitCode }: Terminated): boolean {
  return reason === 'ContainerStatusUnknown' || (reason === 'Unknown' && exitCode === 255);
}

/** How a container has ended since it looked like `earlier`; undefined when it has not. */
function newEnd(earlier: ContainerStatus | undefined, now: ContainerStatus) {
  const restarted = now.restartCount > (earlier?.restartCount ?? 0);
  const ended = now.state?.terminated ?? (restarted ? now.lastState?.terminated : undefined);
  if (ended === undefined || wasLost(ended)) return undefined;
  const same = [earlier?.state?.terminated, earlier?.lastState?.terminated].some(
    (known) => known !== undefined && known.containerID === ended.containerID,
  );
  return same ? undefined : ended;
}

function newEnds(before: Pod | undefined, pod: Pod, afterReady: boolean): ContainerEnd[] {
  if (before === undefined) return [];
  const ends = (of: (pod: Pod) => readonly ContainerStatus[]): ContainerEnd[] =>
    of(pod).flatMap((status) => {
      const ended = newEnd(
        of(before).find(({ name }) => name === status.name),
        status,
      );
      if (ended === undefined) return [];
      const { reason = 'Error', exitCode } = ended;
      return [{ container: status.name, reason, exitCode, afterReady }];
    });
  return [
    ...ends(lastingStatuses),
    ...ends(passingStatuses).filter(({ reason }) => reason === 'OOMKilled'),
  ];
}

function recordOf(known: PodRecord | undefined, pod: Pod, nowMs: number): PodRecord {
  const ready = isReady(pod);
  const leaving = isLeaving(pod) || disruptionOf(pod) !== undefined;
  const before = known === undefined ? undefined : readyCondition(known.pod);
  const stopped = known?.ready === true && !ready;
  // A watch that broke off hides a flap, but not that the state is newer than the one known.
  const hidden =
    known?.ready === true &&
    ready &&
    readyCondition(pod)?.lastTransitionTime !== before?.lastTransitionTime;
  // A node that does not report is no word of the pod's.
  const flapped = !leaving && !isCutOff(pod) && (stopped || hidden);
  const ends = leaving ? [] : newEnds(known?.pod, pod, known?.everReady === true);
  return {
    pod,
    startedMs: startedMs(pod),
    ready: ready && !leaving,
    everReady: known?.everReady === true || ready,
    ...(ready ? {} : { unreadySinceMs: known?.unreadySinceMs ?? nowMs }),
    flapsMs: [...(known?.flapsMs ?? []), ...(flapped ? [nowMs] : [])],
    ends: [...(known?.ends ?? []), ...ends],
    leaving,
    gone: false,
  };
}

/** The history with one change of a pod added. */
export function recordPod(
  history: PodHistory,
  change: { change: PodChange; pod: Pod; atMs: number },
): PodHistory {
  const uid = change.pod.metadata?.uid ?? '';
  const next = recordOf(history.get(uid), change.pod, change.atMs);
  const gone = change.change === 'DELETED';
  return new Map(history).set(uid, gone ? { ...next, leaving: true, ready: false, gone } : next);
}

/** Restarts of a pod's containers in all, since it was made. */
export function restartsOf(pod: Pod): number {
  return [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ].reduce((sum, { restartCount }) => sum + restartCount, 0);
}
