import type { Pod } from '../client/index.ts';

/** The pod's Ready condition; undefined until the kubelet has set it. */
export function readyCondition(pod: Pod) {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Whether Kubernetes calls the pod ready, on its way out or not. */
export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Whether the pod is being deleted: what happens to it from then on says nothing about its program. */
export function isLeaving(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** Whether the pod is ready and stays: the only meaning of "a pod serves" in Slipway. */
export function isServing(pod: Pod): boolean {
  return isReady(pod) && !isLeaving(pod);
}

/** Reasons that the kubelet gives pods which their node, not their program, ended. */
const nodeReasons = new Set([
  'Evicted',
  'NodeAffinity',
  'NodeLost',
  'NodeShutdown',
  'OutOfcpu',
  'OutOfmemory',
  'OutOfpods',
  'Preempting',
  'Shutdown',
  'Terminated',
  'UnexpectedAdmissionError',
]);

/**
 * Why the cluster took the pod away (drain, preemption, taint, node pressure, shutdown), undefined when it
 * did not. Kubernetes sets the condition DisruptionTarget for all but the kubelet's own refusals.
 */
export function disruptionOf(pod: Pod): string | undefined {
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
  if (condition !== undefined) return condition.reason ?? 'Disrupted';
  const { phase, reason } = pod.status ?? {};
  return phase === 'Failed' && reason !== undefined && nodeReasons.has(reason) ? reason : undefined;
}
