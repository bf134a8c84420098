import { KubeError, type KubeClient, type Pod } from '../client/index.ts';
import { isReady } from './pod-readiness.ts';
import type { RolloutStatus } from './rollout-status.ts';
import { workloadPath, type WorkloadRef } from './workload-ref.ts';
import type { Workload } from './workload.ts';

/** How far a pod has come that no controller made: it is through when it is ready, or has completed. */
export function barePodStatus(pod: Pod): RolloutStatus {
  const { phase = 'Pending', message, reason } = pod.status ?? {};
  if (phase === 'Succeeded') return { done: true, failed: false, message: 'completed' };
  if (phase === 'Failed')
    return { done: false, failed: true, message: message ?? reason ?? 'the pod failed' };
  if (isReady(pod)) return { done: true, failed: false, message: 'it is ready' };
  return { done: false, failed: false, message: `the pod is ${phase.toLowerCase()}, not ready` };
}

/** Reads a pod that no controller made, as the workload that it is. Throws KubeError. */
export async function readBarePod(client: KubeClient, ref: WorkloadRef): Promise<Workload> {
  const path = `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/pods`;
  const pods = await client.list<Pod>(path, { fieldSelector: `metadata.name=${ref.name}` });
  const [pod] = pods.filter(({ metadata }) => metadata?.name === ref.name);
  if (pod === undefined)
    throw new KubeError(`There is no pod ${ref.name} in ${ref.namespace}.`, {
      status: 404,
      reason: 'NotFound',
      path: workloadPath(ref),
    });
  const uid = pod.metadata?.uid ?? '';
  return {
    ref,
    metadata: pod.metadata ?? {},
    rollout: barePodStatus(pod),
    desired: 1,
    selector: '',
    revision: uid,
    owners: [uid],
    current: { owner: uid },
    makers: [],
    template: pod.spec,
  };
}
