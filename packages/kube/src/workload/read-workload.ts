import { isDeepStrictEqual } from 'node:util';
import {
  type KubeClient,
  selectorText,
  type ControllerRevision,
  type DaemonSet,
  type Deployment,
  type Job,
  type KubeObject,
  type ReplicaSet,
  type StatefulSet,
} from '../client/index.ts';
import { argoRevisions, argoWorkload } from './argo-rollout.ts';
import { readBarePod } from './bare-pod.ts';
import { appsList, type RevisionList } from './revision-list.ts';
import { daemonSetHold, deploymentHold, jobHold, statefulSetHold } from './rollout-hold.ts';
import { daemonSetReplacement, statefulSetReplacement } from './replacement.ts';
import {
  daemonSetRollout,
  deploymentRollout,
  jobRollout,
  statefulSetRollout,
  unseen,
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

function deploymentWorkload(
  ref: WorkloadRef,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): Workload {
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
    selector: selectorText(deployment.spec?.selector),
    revision: current?.metadata?.labels?.[templateHash],
    owners: mine.map((set) => set.metadata?.uid ?? ''),
    current: current === undefined ? undefined : { owner: current.metadata?.uid ?? '' },
    makers,
    ...earlierSetsOf(mine, current),
    template: deployment.spec?.template.spec,
  };
}

function currentDaemonRevision(
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
): string | undefined {
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

function statefulSetWorkload(ref: WorkloadRef, set: StatefulSet): Workload {
  const revision = set.status?.updateRevision;
  return {
    ...ownerOfPods(ref, 'StatefulSet', set),
    rollout: statefulSetRollout(set),
    ...statefulSetHold(set),
    ...statefulSetReplacement(set),
    ...minReady(set.spec),
    revision,
    ...(unseen(set) ? { unseen: true } : {}),
    current: ofRevision(revision),
  };
}

function daemonSetWorkload(
  ref: WorkloadRef,
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
): Workload {
  const revision = currentDaemonRevision(set, revisions);
  return {
    ...ownerOfPods(ref, 'DaemonSet', set),
    rollout: daemonSetRollout(set),
    ...daemonSetHold(set),
    ...daemonSetReplacement(set),
    ...minReady(set.spec),
    revision,
    ...(unseen(set) ? { unseen: true } : {}),
    current: ofRevision(revision),
  };
}

function jobWorkload(ref: WorkloadRef, job: Job): Workload {
  return {
    ...ownerOfPods(ref, 'Job', job),
    rollout: jobRollout(job),
    ...jobHold(job),
    revision: job.metadata?.uid,
    current: { owner: job.metadata?.uid ?? '' },
  };
}

/** What a kind of workload is made of; the objects are those of its own type. */
interface Kind<Own, Revision> {
  /** Where the objects are that tell its revisions; absent where its own object tells all. */
  revisions?(ref: WorkloadRef, own: Own): RevisionList;
  workload(ref: WorkloadRef, own: Own, revisions: readonly Revision[]): Workload;
}

const deployments: Kind<Deployment, ReplicaSet> = {
  revisions: ({ namespace }, { spec }) =>
    appsList(namespace, 'replicasets', selectorText(spec?.selector)),
  workload: deploymentWorkload,
};
const daemonSets: Kind<DaemonSet, ControllerRevision> = {
  revisions: ({ namespace }, { spec }) =>
    appsList(namespace, 'controllerrevisions', selectorText(spec?.selector)),
  workload: daemonSetWorkload,
};
const kinds: Readonly<Record<Exclude<WorkloadRef['kind'], 'pod'>, Kind<KubeObject, KubeObject>>> = {
  deployment: deployments,
  daemonset: daemonSets,
  statefulset: { workload: statefulSetWorkload },
  job: { workload: jobWorkload },
  rollout: { revisions: argoRevisions, workload: argoWorkload },
};

/** A workload whose objects can be read and watched apart: every kind but a pod of its own. */
export type MadeWorkload = WorkloadRef & { kind: keyof typeof kinds };

/** Where the objects are that tell the revisions of `own`; undefined when it tells all itself. */
export function revisionListOf(ref: MadeWorkload, own: KubeObject): RevisionList | undefined {
  return kinds[ref.kind].revisions?.(ref, own);
}

/** The workload that its own object and those of its revisions make. */
export function workloadOf(
  ref: MadeWorkload,
  own: KubeObject,
  revisions: readonly KubeObject[],
): Workload {
  return kinds[ref.kind].workload(ref, own, revisions);
}

/** Whether its objects can be read and watched apart. */
export function isMade(ref: WorkloadRef): ref is MadeWorkload {
  return ref.kind !== 'pod';
}

/**
 * Reads a workload: for a deployment also its replica sets, for a daemon set its revisions. Throws
 * KubeError with reason NotFound when it is not there.
 */
export async function readWorkload(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  if (!isMade(ref)) return await readBarePod(client, ref);
  const own = await client.get<KubeObject>(workloadPath(ref));
  const list = revisionListOf(ref, own);
  if (list === undefined) return workloadOf(ref, own, []);
  return workloadOf(ref, own, await client.list<KubeObject>(list.path, list.query));
}
