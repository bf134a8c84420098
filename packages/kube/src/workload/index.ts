export type { RolloutStatus } from './rollout-status.ts';
export {
  parseWorkload,
  type WorkloadKind,
  workloadPath,
  type WorkloadRef,
  workloadResource,
} from './workload-ref.ts';
export {
  disruptionOf,
  isCutOff,
  isLeaving,
  isReady,
  isServing,
  lastingStatuses,
  readyCondition,
} from './pod-readiness.ts';
export type { Hold } from './rollout-hold.ts';
export type { Replacement } from './replacement.ts';
export { revisionBeganMs } from './revision-began.ts';
export {
  currentReplicaSet,
  isMade,
  type MadeWorkload,
  readWorkload,
  revisionListOf,
  workloadOf,
} from './read-workload.ts';
export type { RevisionList } from './revision-list.ts';
export { isCurrentPod, ownsPod, type Workload, workloadPods } from './workload.ts';
