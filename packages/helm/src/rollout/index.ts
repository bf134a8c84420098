export { followRollout, type Rollout, type RolloutOutcome } from './follow.ts';
export { rolloutTargets, type RolloutTarget } from './targets.ts';
