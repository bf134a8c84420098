export { isCarriedOut } from './carried-out.ts';
export { followRollout, type Rollout, type RolloutOutcome } from './follow.ts';
export { type WaitedObjects, waitedObjects } from './waited-objects.ts';
export { rolloutTargets, type RolloutTarget } from './targets.ts';
