export { endsOf, statusOf } from './crash.ts';
export { checkpointOf, foldRecording, type Checkpoint } from './checkpoint.ts';
export { causeKind } from './patience.ts';
export type { PodFault } from './pod-fault.ts';
export {
  observe,
  outputKey,
  unseenRollout,
  type RolloutState,
  type Trouble,
} from './rollout-state.ts';
export type { JudgedTrouble } from './judged-trouble.ts';
export { lastingTroubles, rolloutTruth, type RolloutTruth } from './rollout-truth.ts';
export { stuckPods, type StuckPod } from './stuck-pod.ts';
export { usualTemper, type FailFast, type Temper } from './temper.ts';
