export { parseFileCommands } from './file-command.ts';
export {
  addDeployment,
  startFakeGitHub,
  type FakeGitHub,
  type GitHubFault,
  type SeenRequest,
  type StoredDeployment,
  type StoredPull,
} from './github/index.ts';
export { goEnvironment } from './machine-go.ts';
export { inputValues } from './input-values.ts';
export { closedPort, listenOnAnyPort } from './loopback-port.ts';
export {
  fakeApiServer,
  type ApiRequest,
  type FakeApiServer,
  type Fault,
  type FaultTarget,
  listenOnLoopback,
  type Kind,
  type LoopbackApiServer,
  type StoreChange,
  type StoredObject,
  type Verb,
} from './kube/index.ts';
export {
  node24,
  runBundle,
  type BundleOptions,
  type BundleResult,
  type SentSignal,
} from './run-bundle.ts';
export { runnerGraceMs } from './runner-grace.ts';
export { readStepLog, type Annotation, type StepLog } from './step-log.ts';
export { parseWorkflowCommand, type WorkflowCommand } from './workflow-command.ts';
export {
  fakeClock,
  fakeLog,
  pacedClock,
  steppedClock,
  type LoggedLine,
  type SteppedClock,
} from './port/index.ts';
