import type { Change, Pod } from '@slipway/kube';

/** What happened to one pod while it was watched. */
export interface PodRecord {
  pod: Pod;
  /** Milliseconds since 1970 when its first container started; its creation until then. */
  startedMs: number;
  ready: boolean;
  everReady: boolean;
  /** Times at which it stopped being ready without being deleted. */
  flapsMs: readonly number[];
  /** Container ends since it was first seen. */
  ends: readonly { container: string; reason: string; exitCode: number; afterReady: boolean }[];
  /** Being deleted, or gone. */
  leaving: boolean;
}

/** The pods seen so far, by uid. Treat as a value: `recordChange` returns a new one. */
export type PodHistory = ReadonlyMap<string, PodRecord>;

const readyCondition = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready');

const statuses = (pod: Pod) => [
  ...(pod.status?.initContainerStatuses ?? []),
  ...(pod.status?.containerStatuses ?? []),
];

function startedMs(pod: Pod): number {
  const starts = (pod.status?.containerStatuses ?? []).flatMap(({ state, lastState }) =>
    [state?.running?.startedAt, state?.terminated?.startedAt, lastState?.terminated?.startedAt].map(
      (text) => Date.parse(text ?? ''),
    ),
  );
  const known = starts.filter((ms) => ms > 0);
  return known.length > 0 ? Math.min(...known) : Date.parse(pod.metadata?.creationTimestamp ?? '');
}

function newEnds(before: Pod | undefined, pod: Pod, afterReady: boolean): PodRecord['ends'] {
  if (before === undefined) return [];
  return (pod.status?.containerStatuses ?? []).flatMap((status) => {
    const earlier = statuses(before).find(({ name }) => name === status.name);
    const restarted = status.restartCount > (earlier?.restartCount ?? 0);
    const ended =
      status.state?.terminated ?? (restarted ? status.lastState?.terminated : undefined);
    const same = [earlier?.state?.terminated, earlier?.lastState?.terminated].some(
      (known) => known !== undefined && known.containerID === ended?.containerID,
    );
    if (ended === undefined || same) return [];
    const { reason = 'Error', exitCode } = ended;
    return [{ container: status.name, reason, exitCode, afterReady }];
  });
}

function record(known: PodRecord | undefined, pod: Pod, nowMs: number): PodRecord {
  const condition = readyCondition(pod);
  const ready = condition?.status === 'True';
  const leaving = pod.metadata?.deletionTimestamp !== undefined;
  const before = known === undefined ? undefined : readyCondition(known.pod);
  const stopped = known?.ready === true && !ready && !leaving;
  // A watch that broke off hides a flap, but not that the state is newer than the one known.
  const hidden =
    known?.ready === true && ready && condition.lastTransitionTime !== before?.lastTransitionTime;
  return {
    pod,
    startedMs: startedMs(pod),
    ready,
    everReady: known?.everReady === true || ready,
    flapsMs: [...(known?.flapsMs ?? []), ...(stopped || hidden ? [nowMs] : [])],
    ends: [...(known?.ends ?? []), ...newEnds(known?.pod, pod, known?.everReady === true)],
    leaving,
  };
}

/** The history with one change of the watch added. */
export function recordChange(history: PodHistory, change: Change<Pod>, nowMs: number): PodHistory {
  if (change.object === undefined) return history;
  const uid = change.object.metadata?.uid ?? '';
  const known = history.get(uid);
  const next = record(known, change.object, nowMs);
  const gone = change.type === 'DELETED';
  return new Map(history).set(uid, gone ? { ...next, leaving: true, ready: false } : next);
}

/** Restarts of a pod's containers in all, since it was made. */
export function restartsOf(pod: Pod): number {
  return statuses(pod).reduce((sum, { restartCount }) => sum + restartCount, 0);
}
