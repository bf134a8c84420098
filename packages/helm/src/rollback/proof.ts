import {
  isServing,
  readWorkload,
  workloadPods,
  type KubeClient,
  type WorkloadRef,
} from '@slipway/kube';
import {
  findDrift,
  findExisting,
  objectKey,
  parseManifest,
  type StoredRevision,
} from '../release/index.ts';

/** The revision label of each workload's pods (pod-template-hash, controller-revision-hash) at one time. */
export type WorkloadRevisions = Readonly<Record<string, string>>;

/** Reads the revision label of each workload; those that do not exist are left out. */
export async function readRevisions(
  kube: KubeClient,
  refs: readonly WorkloadRef[],
): Promise<WorkloadRevisions> {
  const found = await Promise.all(
    refs
      .filter(({ kind }) => kind !== 'job' && kind !== 'pod')
      .map(async (ref) => {
        const workload = await readWorkload(kube, ref).catch(() => undefined);
        return [`${ref.namespace}/${ref.kind}/${ref.name}`, workload?.revision] as const;
      }),
  );
  return Object.fromEntries(
    found.flatMap(([name, revision]) => (revision === undefined ? [] : [[name, revision]])),
  );
}

/**
 * What speaks against the claim that the release is back at `target`; nothing when it is proven:
 * Helm's newest revision is deployed with the target's manifest, the cluster has every object of it as
 * it says, nothing of the failed revision is left, and the pods that serve are ready and of the very
 * template they had (`revisions`, as far as known).
 */
export async function doubtsOfRollback(
  kube: KubeClient,
  state: {
    namespace: string;
    newest: StoredRevision | undefined;
    target: StoredRevision;
    failed: StoredRevision | undefined;
    workloads: readonly WorkloadRef[];
    revisions: WorkloadRevisions;
  },
): Promise<readonly string[]> {
  const { namespace, newest, target } = state;
  const doubts: string[] = [];
  if (newest?.status !== 'deployed')
    doubts.push(`the newest revision is ${newest?.status ?? 'gone'}, not deployed`);
  if (newest?.record.manifest !== target.record.manifest)
    doubts.push(`the newest revision's manifest is not that of revision ${target.revision}`);
  const objects = parseManifest(target.record.manifest ?? '');
  for (const { object, how } of await findDrift(kube, objects, namespace))
    doubts.push(`${object} ${how}`);
  const kept = new Set(objects.map((object) => objectKey(object, namespace)));
  const left = parseManifest(state.failed?.record.manifest ?? '').filter(
    (object) =>
      !kept.has(objectKey(object, namespace)) &&
      object.metadata.annotations?.['helm.sh/resource-policy'] !== 'keep',
  );
  for (const name of await findExisting(kube, left, namespace))
    doubts.push(`${name} of the failed revision is still there`);
  for (const ref of state.workloads) {
    if (ref.kind === 'job') continue;
    const workload = await readWorkload(kube, ref);
    const name = `${ref.kind}/${ref.name}`;
    if (!workload.rollout.done) doubts.push(`${name}: ${workload.rollout.message}`);
    if (ref.kind === 'pod') continue;
    const before = state.revisions[`${ref.namespace}/${name}`];
    if (before !== undefined && workload.revision !== before)
      doubts.push(
        `${name} runs pods of template ${workload.revision ?? 'unknown'}, before it was ${before}`,
      );
    const { current } = await workloadPods(kube, workload);
    const serving = current.filter(isServing).length;
    if (serving < workload.desired)
      doubts.push(`${name}: ${serving} of ${workload.desired} pods are ready`);
  }
  return doubts;
}
