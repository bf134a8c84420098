export { mayAccess, type Access } from './access.ts';
export { causeText, sortCauses, type Cause } from './cause.ts';
export { readEvents, type KubeEvent } from './events.ts';
export { followObjects, type Change } from './follow.ts';
export { isKubeStatus, KubeError, type KubeStatus } from './kube-error.ts';
export {
  createKubeClient,
  type KubeClient,
  type KubeClientOptions,
  type Query,
  type ResourceList,
} from './kube-client.ts';
export type { Env, ExecPlugin, KubeAuth, KubeTarget } from './kube-target.ts';
export { removeKubeconfigFile, writeKubeconfigFile } from './kubeconfig-file.ts';
export {
  kubeconfigSource,
  maskKubeconfigSource,
  type KubeconfigSource,
} from './kubeconfig-source.ts';
export { selectorText, type LabelSelector } from './label-selector.ts';
export { loadKubeConfig } from './load-kube-config.ts';
export type * from './objects.ts';
export { makerCause, podCause } from './pod-cause.ts';
export { plainLog, readLogTail } from './pod-log.ts';
export type { PodProxyRequest, PodProxyResponse } from './pod-proxy.ts';
export type { RolloutStatus } from './rollout-status.ts';
export type { WatchEvent } from './watch.ts';
export { readCauses } from './workload-causes.ts';
export {
  parseWorkload,
  workloadPath,
  workloadResource,
  type WorkloadKind,
  type WorkloadRef,
} from './workload-ref.ts';
export { currentReplicaSet, readWorkload, workloadPods, type Workload } from './workload.ts';
