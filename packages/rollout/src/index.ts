export {
  createProgressLog,
  observeRollouts,
  progressLine,
  type ObserverOptions,
  type ProgressLog,
  type RolloutObserver,
} from './follow/index.ts';
export {
  recordPod,
  restartsOf,
  type ContainerEnd,
  type Observation,
  type PodHistory,
  type PodRecord,
} from './history/index.ts';
export {
  causeKind,
  checkpointOf,
  foldRecording,
  lastingTroubles,
  observe,
  rolloutTruth,
  unseenRollout,
  type Checkpoint,
  type JudgedTrouble,
  type PodFault,
  type RolloutState,
  type RolloutTruth,
  type Trouble,
} from './judge/index.ts';
