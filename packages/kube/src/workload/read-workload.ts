import { isDeepStrictEqual } from 'node:util';
import {
  type KubeClient,
  selectorText,
  type ControllerRevision,
  type DaemonSet,
  type Deployment,
  type Job,
  type ReplicaSet,
  type StatefulSet,
} from '../client/index.ts';
import { readArgoRollout } from './argo-rollout.ts';
import { readBarePod } from './bare-pod.ts';
import { daemonSetHold, deploymentHold, jobHold, statefulSetHold } from './rollout-hold.ts';
import { daemonSetReplacement, statefulSetReplacement } from './replacement.ts';
import {
  daemonSetRollout,
  deploymentRollout,
  jobRollout,
  statefulSetRollout,
} from './rollout-status.ts';
import { workloadPath, type WorkloadRef } from './workload-ref.ts';
import { earlierSetsOf, owner, revisionHash, type Workload } from './workload.ts';

const templateHash = 'pod-template-hash';

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

/** What the deployment's status says of pods that could not be made; it outlives the events, which end after an hour. */
function makingFailure(deployment: Deployment): string | undefined {
  const condition = deployment.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  return condition === undefined ? undefined : (condition.message ?? 'no reason is given');
}

function minReady(spec: { minReadySeconds?: number } | undefined): { minReadyMs?: number } {
  const { minReadySeconds = 0 } = spec ?? {};
  return minReadySeconds === 0 ? {} : { minReadyMs: minReadySeconds * 1_000 };
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
  const makingFails = makingFailure(deployment);
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
    ...deploymentHold(deployment),
    ...minReady(deployment.spec),
    ...(makingFails === undefined ? {} : { makingFails }),
    selector,
    revision: current?.metadata?.labels?.[templateHash],
    owners: mine.map((set) => set.metadata?.uid ?? ''),
    current: current === undefined ? undefined : { owner: current.metadata?.uid ?? '' },
    makers,
    ...earlierSetsOf(mine, current),
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
    ...statefulSetHold(set),
    ...statefulSetReplacement(set),
    ...minReady(set.spec),
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
    ...daemonSetHold(set),
    ...daemonSetReplacement(set),
    ...minReady(set.spec),
    revision,
    current: ofRevision(revision),
  };
}

async function readJob(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  const job = await client.get<Job>(workloadPath(ref));
  return {
    ...ownerOfPods(ref, 'Job', job),
    rollout: jobRollout(job),
    ...jobHold(job),
    revision: job.metadata?.uid,
    current: { owner: job.metadata?.uid ?? '' },
  };
}

const readers = {
  deployment: readDeployment,
  statefulset: readStatefulSet,
  daemonset: readDaemonSet,
  job: readJob,
  rollout: readArgoRollout,
  pod: readBarePod,
};

/**
 * Reads a workload: for a deployment also its replica sets, for a daemon set its revisions. Throws
 * KubeError with reason NotFound when it is not there.
 */
export async function readWorkload(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  return await readers[ref.kind](client, ref);
}
