export type { RolloutStatus } from './rollout-status.ts';
export {
  parseWorkload,
  type WorkloadKind,
  workloadPath,
  type WorkloadRef,
  workloadResource,
} from './workload-ref.ts';
export { disruptionOf, isLeaving, isReady, isServing, readyCondition } from './pod-readiness.ts';
export {
  currentReplicaSet,
  isCurrentPod,
  ownsPod,
  readWorkload,
  type Workload,
  workloadPods,
} from './workload.ts';
