import {
  makerCause,
  podCause,
  sortCauses,
  type Cause,
  type KubeEvent,
  type Pod,
  type Workload,
} from '@slipway/kube';
import { causeKind, patience, patienceWith } from './patience.ts';
import type { RolloutTarget } from './targets.ts';

/** One workload as it was read once. */
export interface Look {
  target: RolloutTarget;
  workload: Workload;
  /** Pods of the new revision. */
  current: readonly Pod[];
  earlier: readonly Pod[];
}

/** Whether a pod is ready and stays. */
export function isReady(pod: Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ===
      true
  );
}

/**
 * Says what is broken about a workload, by how long each cause has lasted; undefined while there is
 * hope. It remembers when it first saw what, so ask it about every look.
 */
export function createJudge(
  nowMs: () => number,
): (seen: Look, events: readonly KubeEvent[]) => Cause | undefined {
  const firstSeen = new Map<string, number>();
  return (seen, events) => {
    const { target, workload, current, earlier } = seen;
    const readyPods = current.filter(isReady).length;
    const endingPods = [...current, ...earlier].filter(
      (pod) => pod.metadata?.deletionTimestamp !== undefined,
    ).length;
    const troubles: { cause: Cause; pod: Pod | undefined }[] = [];
    for (const pod of current) {
      const cause =
        pod.metadata?.deletionTimestamp === undefined ? podCause(pod, events) : undefined;
      if (cause !== undefined) troubles.push({ cause, pod });
    }
    if (current.length < workload.desired)
      for (const maker of workload.makers) {
        const cause = makerCause(maker, events);
        if (cause !== undefined) troubles.push({ cause, pod: undefined });
      }
    const now = nowMs();
    const broken: Cause[] = [];
    const stillSeen = new Set<string>();
    for (const { cause, pod } of troubles) {
      const key = [
        target.ref.kind,
        target.ref.name,
        cause.object,
        cause.container,
        causeKind(cause),
      ].join('|');
      stillSeen.add(key);
      const sinceMs = firstSeen.get(key) ?? now;
      firstSeen.set(key, sinceMs);
      const mine = events.filter((event) => event.object.uid === pod?.metadata?.uid);
      const allowed = patienceWith(cause, { pod, events: mine, readyPods, endingPods });
      const more = target.changed ? 0 : patience.unchanged;
      if (allowed !== undefined && now - sinceMs >= allowed + more) broken.push(cause);
    }
    // A cause that went away and comes back later gets its patience anew; crashes count restarts.
    const prefix = `${target.ref.kind}|${target.ref.name}|`;
    for (const key of firstSeen.keys())
      if (key.startsWith(prefix) && !stillSeen.has(key)) firstSeen.delete(key);
    if (workload.rollout.failed && !target.hook && target.changed) {
      const own = sortCauses(troubles.map(({ cause }) => cause))[0];
      broken.push(
        own ?? {
          reason: target.ref.kind === 'job' ? 'JobFailed' : 'ProgressDeadlineExceeded',
          object: `${target.ref.kind}/${target.ref.name}`,
          message: workload.rollout.message,
          mends: 'never',
        },
      );
    }
    return sortCauses(broken)[0];
  };
}
