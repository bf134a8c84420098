import * as core from '@actions/core';
import { cancellation } from './cancellation.ts';
import { systemClock } from './clock.ts';
import { ActionError, CancelledError, errorMessage, InputError } from './errors.ts';
import type { InputSource } from './input-reader.ts';
import { maskSecret } from './masking.ts';
import { runnerOutputs, type Outputs } from './outputs.ts';
import type { Clock, Log, MaskSecret } from './ports.ts';
import { readRunnerEnvironment, type RunnerEnvironment } from './runner-environment.ts';
import { runnerLog } from './runner-log.ts';
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
  /** Makes `name=value` part of the environment of later steps. `value` must not come from outside. */
  exportVariable(name: string, value: string): void;
  /** Puts a folder in front of the PATH of later steps. */
  addPath(folder: string): void;
}

/** Thrown by `post` when something secret could not be removed: the one reason for post to fail a job. */
export class CredentialLeftError extends ActionError {}

/** One action: `post` runs after the job's last step and must read state only, never inputs. */
export interface Action {
  /** The folder name under `actions/`; prefixes state and error messages. */
  name: string;
  main: (run: Run) => Promise<void>;
  post?: (run: Run) => Promise<void>;
}

function makeRun(action: string): Run {
  const env = process.env;
  const runner = readRunnerEnvironment(env);
  return {
    inputs: { get: (name) => core.getInput(name, { trimWhitespace: false }) },
    outputs: runnerOutputs,
    state: runnerState(action),
    log: runnerLog,
    summary: runnerSummary(env['GITHUB_STEP_SUMMARY'], runnerLog),
    clock: systemClock,
    runner,
    env,
    signal: cancellation(),
    maskSecret,
    exportVariable: (name, value) => core.exportVariable(name, value),
    addPath: (folder) => core.addPath(folder),
  };
}

function fail(action: string, error: unknown): void {
  const next =
    (error instanceof InputError || error instanceof ActionError) && error.next !== undefined
      ? `\nNext: ${error.next}`
      : '';
  const message = error instanceof InputError ? error.message : errorMessage(error);
  const title = error instanceof ActionError ? error.title : undefined;
  runnerLog.error(`${action}: ${message}${next}`, title === undefined ? {} : { title });
  if (error instanceof Error && error.stack !== undefined) runnerLog.debug(error.stack);
  process.exitCode = error instanceof CancelledError ? 130 : 1;
}

/**
 * Runs an action's main, or its post when main already ran in this step. Main fails the step on
 * everything thrown; post only on a CredentialLeftError, anything else becomes a warning. The process
 * is ended explicitly, since open sockets would keep it alive.
 */
export async function runAction(action: Action): Promise<void> {
  const run = makeRun(action.name);
  const isPost = core.getState(`slipway_${action.name}_main`) === 'started';
  const guard = (error: unknown): void => {
    if (isPost) runnerLog.warning(`${action.name}: ${errorMessage(error)}`);
    else fail(action.name, error);
    process.exit();
  };
  process.on('uncaughtException', guard);
  process.on('unhandledRejection', guard);
  if (isPost) {
    try {
      await action.post?.(run);
    } catch (error) {
      if (error instanceof CredentialLeftError) fail(action.name, error);
      else runnerLog.warning(`${action.name}: post step: ${errorMessage(error)}`);
    }
  } else {
    core.saveState(`slipway_${action.name}_main`, 'started');
    try {
      await action.main(run);
    } catch (error) {
      fail(action.name, error);
    }
  }
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit();
}
