export { checkpointOf, foldRecording, type Checkpoint } from './checkpoint.ts';
export { causeKind } from './patience.ts';
export type { PodFault } from './pod-fault.ts';
export { observe, unseenRollout, type RolloutState, type Trouble } from './rollout-state.ts';
export {
  lastingTroubles,
  rolloutTruth,
  type JudgedTrouble,
  type RolloutTruth,
} from './rollout-truth.ts';
