export { cancellation } from './cancellation.ts';
export { readRunnerEnvironment, type RunnerEnvironment } from './environment.ts';
export type { Outputs } from './outputs.ts';
export { CredentialLeftError, runAction, type Action, type Run } from './run-action.ts';
export type { State } from './state.ts';
export type { Summary } from './summary.ts';
