export { createProgressLog, progressLine, type ProgressLog } from './progress.ts';
export { observeRollouts, type ObserverOptions, type RolloutObserver } from './rollout-observer.ts';
export { createWake, type Wake } from './wake.ts';
