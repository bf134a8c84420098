import type { Pod } from '../client/index.ts';

/** The pod's Ready condition; undefined until the kubelet has set it. */
export function readyCondition(pod: Pod) {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Whether Kubernetes calls the pod ready, on its way out or not. */
export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** The containers that are to run for as long as the pod does, native sidecars among them. */
export function lastingStatuses(pod: Pod) {
  const sidecars = new Set(
    (pod.spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
  return [
    ...(pod.status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
    ...(pod.status?.containerStatuses ?? []),
  ];
}

/** Whether the pod is being deleted: what happens to it from then on says nothing about its program. */
export function isLeaving(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** Whether the pod is ready and stays: the only meaning of "a pod serves" in Slipway. */
export function isServing(pod: Pod): boolean {
  return isReady(pod) && !isLeaving(pod);
}

/**
 * Whether the pod is not ready only because its node does not report any more: the node controller turns
 * Ready off and leaves everything else as the kubelet said it last (kubernetes/kubernetes,
 * pkg/controller/util/node, MarkPodsNotReady).
 */
export function isCutOff(pod: Pod): boolean {
  const holds = (wanted: string): boolean =>
    pod.status?.conditions?.find(({ type }) => type === wanted)?.status === 'True';
  const gates = pod.spec?.readinessGates ?? [];
  return (
    readyCondition(pod)?.status === 'False' &&
    holds('ContainersReady') &&
    gates.every(({ conditionType }) => holds(conditionType))
  );
}

/** Reasons that the kubelet gives pods which their node, not their program, ended. */
const nodeReasons =
  /^(?:Evicted|InvalidNodeInfo|NodeAffinity|NodeLost|NodeShutdown|OutOf[a-z].*|PodOSNotSupported|Preempting|Shutdown|Terminated|TopologyAffinityError|UnexpectedAdmissionError)$/;

/** How the kubelet words it when a pod used more storage than it may: no fault of the node (pkg/kubelet/eviction). */
const ownLimit = /exceeds the (?:total )?limit|exceeded its local ephemeral storage limit/;

/**
 * Why the cluster took the pod away (drain, preemption, taint, node pressure, shutdown), undefined when it
 * did not. Kubernetes sets the condition DisruptionTarget for all but the kubelet's own refusals.
 */
export function disruptionOf(pod: Pod): string | undefined {
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
  if (condition !== undefined) return condition.reason ?? 'Disrupted';
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== 'Failed' || reason === undefined || !nodeReasons.test(reason)) return undefined;
  return reason === 'Evicted' && ownLimit.test(message ?? '') ? undefined : reason;
}
