export { followRollout, type RolloutOutcome } from './follow.ts';
export { createProgressLog, type ProgressLog } from './progress.ts';
export { type RolloutTarget, rolloutTargets } from './targets.ts';
