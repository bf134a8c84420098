export {
  ActionError,
  CancelledError,
  errorMessage,
  errorReport,
  InputError,
} from './error/index.ts';
export { confine, confineReal, InputReader, readInputs, type InputSource } from './input/index.ts';
export type { AnnotationPlace, Clock, Fetch, Log, MaskSecret, Timer } from './port/index.ts';
export {
  cancellation,
  CredentialLeftError,
  readRunnerEnvironment,
  runAction,
  type Action,
  type Outputs,
  type Run,
  type RunnerEnvironment,
  type State,
  type Summary,
} from './runner/index.ts';
export {
  count,
  createMasker,
  escapeHtml,
  escapeSummary,
  formatDuration,
  formatSize,
  goDuration,
  inert,
  inertLine,
  parseDuration,
  parseSize,
  plainText,
  quoted,
  secretForms,
  shortestGuess,
  shortestSecret,
  type Masker,
} from './text/index.ts';
export {
  quietLimit,
  retry,
  stopwatch,
  systemClock,
  timeLimit,
  type ComingAttempt,
  type QuietLimit,
  type RetryOptions,
  type Stopwatch,
  type TimedPart,
} from './time/index.ts';
