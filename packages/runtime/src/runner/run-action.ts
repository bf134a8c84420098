import * as core from '@actions/core';
import {
  ActionError,
  CancelledError,
  errorMessage,
  errorReport,
  InputError,
} from '../error/index.ts';
import type { InputSource } from '../input/index.ts';
import type { Clock, Log, MaskSecret } from '../port/index.ts';
import { systemClock } from '../time/index.ts';
import { cancellation } from './cancellation.ts';
import { readRunnerEnvironment, type RunnerEnvironment } from './environment.ts';
import { runnerLog } from './log.ts';
import { runnerMasker } from './masker.ts';
import { addPath, exportVariable, runnerOutputs, type Outputs } from './outputs.ts';
import { runnerState, type State } from './state.ts';
import { runnerSummary, type Summary } from './summary.ts';

/** All that an action's `main` or `post` gets from the runner. */
export interface Run {
  inputs: InputSource;
  outputs: Outputs;
  state: State;
  log: Log;
  summary: Summary;
  clock: Clock;
  runner: RunnerEnvironment;
  /** The environment of the step, for ports that hand it to child processes or look up proxies. */
  env: Readonly<Record<string, string | undefined>>;
  /** Aborts with a CancelledError when the job is cancelled. */
  signal: AbortSignal;
  maskSecret: MaskSecret;
  /** A text without the secrets known by now, for outputs and files; what is part of a public name stays. */
  redact: (text: string, names: readonly string[]) => string;
  /** Makes `name=value` part of the environment of later steps. `value` must not come from outside. */
  exportVariable: (name: string, value: string) => void;
  /** Puts a folder in front of the PATH of later steps. */
  addPath: (folder: string) => void;
}

/** Thrown by `post` when something secret could not be removed: the one reason for post to fail a job. */
export class CredentialLeftError extends ActionError {}

/** One action: `post` runs after the job's last step and must read state only, never inputs. */
export interface Action {
  /** The folder name under `actions/`; prefixes state and error messages. */
  name: string;
  main: (run: Run) => Promise<void>;
  post?: (run: Run) => Promise<void>;
  /**
   * How long main may go on after the job was cancelled; then the process ends, with its children.
   * 1.5 s by default: the runner starts to kill after 7.5 s, and people wait.
   */
  handoverMs?: number;
}

const cancelledExitCode = 130;

/** A nested action gets the outer composite's inputs in post: actions/runner#3514. */
const postInputs: InputSource = {
  get: (name) => {
    throw new Error(`post must not read inputs, but asked for ${name}; save it as state in main.`);
  },
};

function makeRun(action: string, isPost: boolean): Run {
  const env = process.env;
  const mainInputs: InputSource = {
    get: (name) => core.getInput(name, { trimWhitespace: false }),
    maskSecret: runnerMasker.mask,
    tell: (line) => runnerLog.info(line),
  };
  return {
    inputs: isPost ? postInputs : mainInputs,
    outputs: runnerOutputs,
    state: runnerState(action),
    log: runnerLog,
    summary: runnerSummary(env['GITHUB_STEP_SUMMARY'], runnerLog),
    clock: systemClock,
    runner: readRunnerEnvironment(env),
    env,
    signal: cancellation(),
    maskSecret: runnerMasker.mask,
    redact: runnerMasker.redactBut,
    exportVariable,
    addPath,
  };
}

/** Tells of an error once: as an annotation, or as a line when its root cause has one already. */
function fail(action: string, error: unknown): void {
  const told = error instanceof InputError || error instanceof ActionError ? error : undefined;
  const report = errorReport(error);
  const text = `${action}: ${report}${told?.next === undefined ? '' : `\nNext: ${told.next}`}`;
  const title = error instanceof ActionError ? error.title : undefined;
  if (error instanceof CancelledError || runnerLog.annotated(report)) runnerLog.info(text);
  else runnerLog.error(text, title === undefined ? {} : { title });
  if (error instanceof Error && error.stack !== undefined) runnerLog.debug(error.stack);
  process.exitCode = error instanceof CancelledError ? cancelledExitCode : 1;
}

/** Whether `error` is only the echo of the cancellation, as fetch, streams and timers throw it. */
function isCancellation(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  for (let current = error; current instanceof Error; current = current.cause)
    if (current === signal.reason || current.name === 'AbortError') return true;
  return false;
}

/** Rejects with the signal's reason once `ms` have passed after it aborted. */
function overdue({ signal, clock }: Run, ms: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    // Slept, not by a timer alone: the process must live until then.
    signal.addEventListener('abort', () => {
      void clock.sleep(ms).then(() => reject(signal.reason as CancelledError));
    });
  });
}

/** Ends the process when all that was printed is on its way; open sockets would keep it alive. */
async function exit(): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  process.exit();
}

async function runMain(action: Action, run: Run): Promise<void> {
  try {
    await Promise.race([action.main(run), overdue(run, action.handoverMs ?? 1_500)]);
  } catch (error) {
    fail(action.name, isCancellation(error, run.signal) ? run.signal.reason : error);
  }
}

async function runPost(action: Action, run: Run): Promise<void> {
  try {
    await action.post?.(run);
  } catch (error) {
    if (error instanceof CredentialLeftError) fail(action.name, error);
    else runnerLog.warning(`${action.name}: post step: ${errorMessage(error)}`);
  }
}

/**
 * Runs an action's main, or its post when main already ran in this step. Main fails the step on
 * everything thrown; post only on a CredentialLeftError, anything else becomes a warning. Always ends
 * the process.
 */
export async function runAction(action: Action): Promise<void> {
  const startedKey = `slipway_${action.name}_main`;
  const isPost = core.getState(startedKey) === 'started';
  const run = makeRun(action.name, isPost);
  const guard = (error: unknown): void => {
    // Work that nobody waits for any more, ended by the cancellation: main itself is still tidying up.
    if (isCancellation(error, run.signal)) return;
    if (isPost) runnerLog.warning(`${action.name}: post step: ${errorMessage(error)}`);
    else fail(action.name, error);
    void exit();
  };
  process.on('uncaughtException', guard);
  process.on('unhandledRejection', guard);
  // Nobody reads any more: not a reason to fail, and nowhere to say so.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (isPost) await runPost(action, run);
  else {
    core.saveState(startedKey, 'started');
    await runMain(action, run);
  }
  await exit();
}
