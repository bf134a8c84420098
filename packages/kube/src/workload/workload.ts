import { type KubeClient, type ObjectMeta, type Pod } from '../client/index.ts';
import type { Hold } from './rollout-hold.ts';
import type { Replacement } from './replacement.ts';
import type { RolloutStatus } from './rollout-status.ts';
import type { WorkloadRef } from './workload-ref.ts';

/**
 * A workload as it stands, and how to tell its current pods from those of earlier revisions. Plain data,
 * so that a recording can hold it.
 */
export interface Workload {
  ref: WorkloadRef;
  metadata: ObjectMeta;
  rollout: RolloutStatus;
  /** What holds the rollout back although nothing is wrong; absent when nothing does. */
  hold?: Hold;
  /** Why its controller last failed to make pods, while it goes on failing; absent otherwise. */
  makingFails?: string;
  /** Absent where its controller replaces pods that are not ready by itself, or has not seen the change yet. */
  replacement?: Replacement;
  /** How long a pod must have been ready to count as available; absent for at once. */
  minReadyMs?: number;
  /** Pods wanted; of a rollout that is held back, those that are due. */
  desired: number;
  /** Selects the pods of every revision. */
  selector: string;
  /** The label value of the current revision's pods; undefined until its controller made it. */
  revision: string | undefined;
  /** Its controller has not seen the last change yet, so that `revision` may be that of the change before. */
  unseen?: true;
  /** Uids of the objects that own its pods: itself, or a deployment's replica sets. */
  owners: readonly string[];
  /** What tells a pod of the current revision: its owner, or the label that names the revision. */
  current: { owner: string } | { revision: string } | undefined;
  /** Objects besides pods whose events tell why pods are missing: `replicaset/api-7d9f`. */
  makers: readonly { kind: string; name: string; uid: string }[];
  /**
   * Replica sets of earlier revisions, the newest first, with whose names those of their pods begin; absent
   * where there is none.
   */
  earlierSets?: readonly string[];
  template: NonNullable<Pod['spec']> | undefined;
}

/** The label of pods that tells the revision of a stateful set or daemon set. */
export const revisionHash = 'controller-revision-hash';

/** The uid of the controller that made an object. */
export function owner(object: { metadata?: ObjectMeta }): string | undefined {
  return object.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

/** The uid of what the pod belongs to: a pod that no controller made is its own. */
function keeper(pod: Pod): string {
  return owner(pod) ?? pod.metadata?.uid ?? '';
}

/** Whether a pod belongs to the workload, whatever its revision. */
export function ownsPod(workload: Pick<Workload, 'owners'>, pod: Pod): boolean {
  return workload.owners.includes(keeper(pod));
}

/** Whether a pod is of the workload's current revision. */
export function isCurrentPod(workload: Pick<Workload, 'owners' | 'current'>, pod: Pod): boolean {
  const { current } = workload;
  if (current === undefined || !ownsPod(workload, pod)) return false;
  return 'owner' in current
    ? keeper(pod) === current.owner
    : pod.metadata?.labels?.[revisionHash] === current.revision;
}

/** The workload's pods, those of the current revision apart from those of earlier ones. */
export async function workloadPods(
  client: KubeClient,
  workload: Workload,
): Promise<{ current: Pod[]; earlier: Pod[] }> {
  const pods = await client.list<Pod>(
    `/api/v1/namespaces/${encodeURIComponent(workload.ref.namespace)}/pods`,
    { labelSelector: workload.selector },
  );
  const mine = pods.filter((pod) => ownsPod(workload, pod));
  return {
    current: mine.filter((pod) => isCurrentPod(workload, pod)),
    earlier: mine.filter((pod) => !isCurrentPod(workload, pod)),
  };
}

const mostEarlierSets = 5;

/** The names of `sets` that are not `current`, the newest first. */
export function earlierSetsOf(
  sets: readonly { metadata?: ObjectMeta }[],
  current: { metadata?: ObjectMeta } | undefined,
): Pick<Workload, 'earlierSets'> {
  const age = (set: { metadata?: ObjectMeta }): string => set.metadata?.creationTimestamp ?? '';
  const names = sets
    .filter((set) => set !== current)
    .sort((a, b) => age(b).localeCompare(age(a)))
    .flatMap(({ metadata }) => metadata?.name ?? []);
  return names.length === 0 ? {} : { earlierSets: names.slice(0, mostEarlierSets) };
}
