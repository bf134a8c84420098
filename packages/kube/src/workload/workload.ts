import { isDeepStrictEqual } from 'node:util';
import {
  type KubeClient,
  selectorText,
  type ControllerRevision,
  type DaemonSet,
  type Deployment,
  type Job,
  type ObjectMeta,
  type Pod,
  type ReplicaSet,
  type StatefulSet,
} from '../client/index.ts';
import {
  daemonSetRollout,
  deploymentRollout,
  jobRollout,
  statefulSetRollout,
  type RolloutStatus,
} from './rollout-status.ts';
import { workloadPath, type WorkloadRef } from './workload-ref.ts';

/**
 * A workload as it stands, and how to tell its current pods from those of earlier revisions. Plain data,
 * so that a recording can hold it.
 */
export interface Workload {
  ref: WorkloadRef;
  metadata: ObjectMeta;
  rollout: RolloutStatus;
  /** Pods wanted. */
  desired: number;
  /** Selects the pods of every revision. */
  selector: string;
  /** The label value of the current revision's pods; undefined until its controller made it. */
  revision: string | undefined;
  /** Uids of the objects that own its pods: itself, or a deployment's replica sets. */
  owners: readonly string[];
  /** What tells a pod of the current revision: its owner, or the label that names the revision. */
  current: { owner: string } | { revision: string } | undefined;
  /** Objects besides pods whose events tell why pods are missing: `replicaset/api-7d9f`. */
  makers: readonly { kind: string; name: string; uid: string }[];
  template: NonNullable<Pod['spec']> | undefined;
}

const templateHash = 'pod-template-hash';
const revisionHash = 'controller-revision-hash';

function owner(object: { metadata?: ObjectMeta }): string | undefined {
  return object.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

function withoutHash(template: Deployment['spec']): unknown {
  const { metadata, ...rest } = template?.template ?? {};
  const labels = Object.entries(metadata?.labels ?? {}).filter(([key]) => key !== templateHash);
  return { ...rest, annotations: metadata?.annotations ?? {}, labels: Object.fromEntries(labels) };
}

/** The deployment's replica set of now: the oldest with the same template, as its controller picks it. */
export function currentReplicaSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const wanted = withoutHash(deployment.spec);
  const age = (set: ReplicaSet): string => set.metadata?.creationTimestamp ?? '';
  return [...sets]
    .filter((set) => owner(set) === deployment.metadata?.uid)
    .sort((a, b) => age(a).localeCompare(age(b)))
    .find((set) => isDeepStrictEqual(withoutHash(set.spec as Deployment['spec']), wanted));
}

async function readDeployment(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  const deployment = await client.get<Deployment>(workloadPath(ref));
  const selector = selectorText(deployment.spec?.selector);
  const sets = await client.list<ReplicaSet>(
    `/apis/apps/v1/namespaces/${encodeURIComponent(ref.namespace)}/replicasets`,
    { labelSelector: selector },
  );
  const mine = sets.filter((set) => owner(set) === deployment.metadata?.uid);
  const current = currentReplicaSet(deployment, mine);
  const makers = [
    { kind: 'Deployment', name: ref.name, uid: deployment.metadata?.uid ?? '' },
    ...(current === undefined
      ? []
      : [
          {
            kind: 'ReplicaSet',
            name: current.metadata?.name ?? '',
            uid: current.metadata?.uid ?? '',
          },
        ]),
  ];
  return {
    ref,
    metadata: deployment.metadata ?? {},
    rollout: deploymentRollout(deployment),
    desired: deployment.spec?.replicas ?? 1,
    selector,
    revision: current?.metadata?.labels?.[templateHash],
    owners: mine.map((set) => set.metadata?.uid ?? ''),
    current: current === undefined ? undefined : { owner: current.metadata?.uid ?? '' },
    makers,
    template: deployment.spec?.template.spec,
  };
}

async function currentDaemonRevision(
  client: KubeClient,
  ref: WorkloadRef,
  set: DaemonSet,
): Promise<string | undefined> {
  const revisions = await client.list<ControllerRevision>(
    `/apis/apps/v1/namespaces/${encodeURIComponent(ref.namespace)}/controllerrevisions`,
    { labelSelector: selectorText(set.spec?.selector) },
  );
  const newest = revisions
    .filter((revision) => owner(revision) === set.metadata?.uid)
    .sort((a, b) => b.revision - a.revision)[0];
  return newest?.metadata?.labels?.[revisionHash];
}

/** What stateful sets, daemon sets and jobs have in common: they own their pods directly. */
function ownerOfPods(
  ref: WorkloadRef,
  kind: string,
  object: StatefulSet | DaemonSet | Job,
): Pick<Workload, 'ref' | 'metadata' | 'selector' | 'owners' | 'makers' | 'template'> {
  const uid = object.metadata?.uid ?? '';
  return {
    ref,
    metadata: object.metadata ?? {},
    selector: selectorText(object.spec?.selector),
    owners: [uid],
    makers: [{ kind, name: ref.name, uid }],
    template: object.spec?.template.spec,
  };
}

const ofRevision = (revision: string | undefined): Workload['current'] =>
  revision === undefined ? undefined : { revision };

async function readStatefulSet(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  const set = await client.get<StatefulSet>(workloadPath(ref));
  const revision = set.status?.updateRevision;
  return {
    ...ownerOfPods(ref, 'StatefulSet', set),
    rollout: statefulSetRollout(set),
    desired: set.spec?.replicas ?? 1,
    revision,
    current: ofRevision(revision),
  };
}

async function readDaemonSet(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  const set = await client.get<DaemonSet>(workloadPath(ref));
  const revision = await currentDaemonRevision(client, ref, set);
  return {
    ...ownerOfPods(ref, 'DaemonSet', set),
    rollout: daemonSetRollout(set),
    desired: set.status?.desiredNumberScheduled ?? 0,
    revision,
    current: ofRevision(revision),
  };
}

async function readJob(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  const job = await client.get<Job>(workloadPath(ref));
  return {
    ...ownerOfPods(ref, 'Job', job),
    rollout: jobRollout(job),
    desired: job.spec?.parallelism ?? 1,
    revision: job.metadata?.uid,
    current: { owner: job.metadata?.uid ?? '' },
  };
}

const readers = {
  deployment: readDeployment,
  statefulset: readStatefulSet,
  daemonset: readDaemonSet,
  job: readJob,
};

/**
 * Reads a workload: for a deployment also its replica sets, for a daemon set its revisions. Throws
 * KubeError with reason NotFound when it is not there.
 */
export async function readWorkload(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  return await readers[ref.kind](client, ref);
}

/** Whether a pod belongs to the workload, whatever its revision. */
export function ownsPod(workload: Pick<Workload, 'owners'>, pod: Pod): boolean {
  const uid = owner(pod);
  return uid !== undefined && workload.owners.includes(uid);
}

/** Whether a pod is of the workload's current revision. */
export function isCurrentPod(workload: Pick<Workload, 'owners' | 'current'>, pod: Pod): boolean {
  const { current } = workload;
  if (current === undefined || !ownsPod(workload, pod)) return false;
  return 'owner' in current
    ? owner(pod) === current.owner
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
