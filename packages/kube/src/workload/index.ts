export type { RolloutStatus } from './rollout-status.ts';
export {
  parseWorkload,
  type WorkloadKind,
  workloadPath,
  type WorkloadRef,
  workloadResource,
} from './workload-ref.ts';
export { currentReplicaSet, readWorkload, type Workload, workloadPods } from './workload.ts';
