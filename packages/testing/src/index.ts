export { fakeClock, steppedClock, type SteppedClock } from './fake-clock.ts';
export { fakeLog, type LoggedLine } from './fake-log.ts';
export { parseFileCommands } from './file-command.ts';
export { inputValues } from './input-values.ts';
export {
  node24,
  runBundle,
  type BundleOptions,
  type BundleResult,
  type SentSignal,
} from './run-bundle.ts';
export { readStepLog, type Annotation, type StepLog } from './step-log.ts';
export { parseWorkflowCommand, type WorkflowCommand } from './workflow-command.ts';
