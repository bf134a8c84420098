import {
  selectorText,
  type LabelSelector,
  type ObjectMeta,
  type Pod,
  type ReplicaSet,
} from '../client/index.ts';
import { noPods, type Hold } from './rollout-hold.ts';
import type { RolloutStatus } from './rollout-status.ts';
import { appsList, type RevisionList } from './revision-list.ts';
import type { WorkloadRef } from './workload-ref.ts';
import { earlierSetsOf, owner, type Workload } from './workload.ts';

/** The label by which Argo Rollouts tells the replica sets of a rollout apart. */
const argoHash = 'rollouts-pod-template-hash';

/** What is read of a `Rollout` (argoproj.io/v1alpha1, pkg/apis/rollouts/v1alpha1/types.go). */
export interface ArgoRollout {
  metadata?: ObjectMeta;
  spec?: {
    replicas?: number;
    paused?: boolean;
    selector?: LabelSelector;
    template?: { spec?: NonNullable<Pod['spec']> };
  };
  status?: {
    /** A number as text. */
    observedGeneration?: string;
    phase?: string;
    message?: string;
    /** In the form of a query parameter; also where the selector is that of another workload. */
    selector?: string;
    currentPodHash?: string;
    updatedReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

function unseen({ metadata, status = {} }: ArgoRollout): boolean {
  return Number(status.observedGeneration ?? 0) < (metadata?.generation ?? 0);
}

/** How far Argo Rollouts says that its rollout has come. It is read and never driven. */
export function argoRolloutStatus(rollout: ArgoRollout): RolloutStatus {
  const { spec, status = {} } = rollout;
  const { phase, message, updatedReplicas = 0, availableReplicas = 0 } = status;
  const wanted = spec?.replicas ?? 1;
  const told = (text: string): string =>
    message === undefined || message === '' ? text : `${text}: ${message}`;
  if (unseen(rollout))
    return { done: false, failed: false, message: 'the controller has not seen the change yet' };
  if (phase === 'Healthy')
    return {
      done: true,
      failed: false,
      message: `Argo Rollouts calls it healthy: ${availableReplicas} of ${wanted} pods are available`,
    };
  if (phase === 'Degraded')
    return { done: false, failed: true, message: told('Argo Rollouts calls it degraded') };
  const text = `Argo Rollouts is ${(phase ?? 'at work').toLowerCase()} with ${updatedReplicas} of ${wanted} pods updated`;
  return { done: false, failed: false, message: told(text) };
}

function argoHold({ spec, status = {} }: ArgoRollout): Hold | undefined {
  if (spec?.replicas === 0) return noPods;
  if (status.phase === 'Healthy') return undefined;
  if (spec?.paused === true)
    return { kind: 'nothing', text: 'the rollout is paused by its spec, so it does not go on' };
  // A step may end by time, by an analysis or by somebody's word; the status does not say by which.
  return status.phase === 'Paused'
    ? { kind: 'pause', text: `Argo Rollouts pauses it (${status.message ?? 'no reason is given'})` }
    : undefined;
}

const selectorOf = ({ spec, status }: ArgoRollout): string =>
  status?.selector ?? selectorText(spec?.selector);

/** Where the replica sets of a `Rollout` are. */
export function argoRevisions({ namespace }: WorkloadRef, rollout: ArgoRollout): RevisionList {
  return appsList(namespace, 'replicasets', selectorOf(rollout));
}

/** The workload that a `Rollout` of Argo Rollouts and its replica sets make. */
export function argoWorkload(
  ref: WorkloadRef,
  rollout: ArgoRollout,
  sets: readonly ReplicaSet[],
): Workload {
  const uid = rollout.metadata?.uid ?? '';
  const mine = sets.filter((set) => owner(set) === uid);
  const revision = rollout.status?.currentPodHash;
  const current = mine.find((set) => set.metadata?.labels?.[argoHash] === revision);
  const maker = current?.metadata;
  const hold = argoHold(rollout);
  return {
    ref,
    metadata: rollout.metadata ?? {},
    rollout: argoRolloutStatus(rollout),
    ...(hold === undefined ? {} : { hold }),
    desired: rollout.spec?.replicas ?? 1,
    selector: selectorOf(rollout),
    revision,
    ...(unseen(rollout) ? { unseen: true } : {}),
    owners: mine.map((set) => set.metadata?.uid ?? ''),
    current: maker?.uid === undefined ? undefined : { owner: maker.uid },
    makers: [
      { kind: 'Rollout', name: ref.name, uid },
      ...(maker?.uid === undefined
        ? []
        : [{ kind: 'ReplicaSet', name: maker.name ?? '', uid: maker.uid }]),
    ],
    ...earlierSetsOf(mine, current),
    template: current?.spec?.template?.spec ?? rollout.spec?.template?.spec,
  };
}
