export { hooksBefore } from './install-hooks.ts';
export { finishInterrupted, type InterruptedResult } from './interrupted.ts';
export { type Operation, rollbackBudgetMs } from './operation.ts';
export { type RollbackOutlook, rollbackOutlook, type RollbackWay, rollbackWay } from './outlook.ts';
export { readRunningBefore, type RunningBefore } from './image-digests.ts';
export { readRevisions } from './proof.ts';
export { rollbackRelease, type RollbackRequest, type RollbackResult } from './rollback.ts';
export { undo, type Undone } from './undo.ts';
export {
  type FinishedRollback,
  finishRollback,
  type RollbackOperation,
} from './unfinished-rollback.ts';
