import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import {
  createMasker,
  errorMessage,
  shortestSecret,
  systemClock,
  type Clock,
  type Log,
} from '@slipway/runtime';
import { capturedHead, capturedTail } from './captured-output.ts';
import { childEnvironment } from './child-environment.ts';
import { failureMessage, type Ending } from './ending.ts';
import { ExecError, type Exec, type ExecOptions } from './exec.ts';
import { lineSplitter } from './line-splitter.ts';
import { endWithUs } from './process-tree.ts';
import { findProgram, isBatchFile, isProgram, type ProgramLookup } from './program.ts';
import { tidyUp, watchdog, type Child } from './watchdog.ts';

const stderrTailBytes = 65_536;
const defaultMaxStdout = 64 * 1024 * 1024;
function redactor(secrets: readonly string[]): (text: string) => string {
  const masker = createMasker(() => undefined);
  for (const secret of secrets) masker.mask(secret);
  // Short secrets have no other forms, but the caller named them, so they are hidden all the same.
  const short = secrets.filter((secret) => secret !== '' && secret.trim().length < shortestSecret);
  return (text) =>
    short.reduce((shown, secret) => shown.replaceAll(secret, () => '***'), masker.redact(text));
}

/** The program's absolute path. Throws ExecError when it, or the working folder, cannot be used. */
function program(file: string, cwd: string, env: ProgramLookup['env']): string {
  const name = path.basename(file);
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ExecError(`${name} could not be started: there is no folder ${cwd}.`, { file });
  const found = findProgram(file, cwd, { platform: process.platform, env, isProgram });
  if (found === undefined)
    throw new ExecError(
      /[/\\]/.test(file)
        ? `${name} could not be started: ${file} was not found on this machine or is no program.`
        : `${name} could not be started: it was not found on this machine (no folder of PATH has it).`,
      { file },
    );
  if (isBatchFile(found, process.platform))
    throw new ExecError(`${found} is a batch file; these are not run, since they need a shell.`, {
      file,
    });
  return found;
}

/** What a child printed, as far as it is kept. */
interface Captured {
  stdout: () => string;
  /** Redacted. */
  stderr: () => string;
  /** Hands on the last lines, which may lack their line end. */
  end: () => void;
}

/** Keeps what the child prints, and hands its lines on. Calls `onOverflow` once it is too much. */
function capture(
  child: Child,
  options: ExecOptions,
  { redact, onOverflow }: { redact: (text: string) => string; onOverflow: () => void },
): Captured {
  const out = capturedHead(options.maxStdoutBytes ?? defaultMaxStdout);
  const err = capturedTail(stderrTailBytes);
  const outLines = options.onStdout && lineSplitter((line) => options.onStdout?.(redact(line)));
  const errLines = options.onStderr && lineSplitter((line) => options.onStderr?.(redact(line)));
  child.stdout.on('data', (chunk: Buffer) => {
    outLines?.write(chunk);
    if (options.keepStdout !== false && !out.add(chunk)) onOverflow();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errLines?.write(chunk);
    err.add(chunk);
  });
  return {
    stdout: () => out.text(),
    stderr: () => redact(err.text()),
    end: () => {
      outLines?.end();
      errLines?.end();
    },
  };
}

/** Resolves with the ending once the child ended and its pipes are closed; rejects when it never started. */
function ended(child: Child): Promise<Pick<Ending, 'exitCode' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }),
    );
  });
}

function isWell({ stopped, exitCode }: Ending, allowed: readonly number[] = []): boolean {
  return stopped === undefined && exitCode !== undefined && [0, ...allowed].includes(exitCode);
}

/**
 * Child processes of this machine. `env` is the base environment, of which a child does not
 * get what is the step's alone (inputs, state, tokens); `log` gets each argv, redacted, at
 * debug level. Written on node:child_process and not on @actions/exec: test/actions-exec.test.ts shows
 * what that lacks.
 */
export function systemExec(options: {
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** Whether children log in where nothing else is said; see ExecOptions. */
  logsIn?: boolean;
  /** For time limits; the machine's own by default. */
  clock?: Clock;
}): Exec {
  const { clock = systemClock } = options;
  return async (file, args, given = {}) => {
    given.signal?.throwIfAborted();
    const redact = redactor(given.secrets ?? []);
    const logsIn = given.logsIn ?? options.logsIn ?? false;
    const env = childEnvironment(given.env ?? options.env, given.addEnv ?? {}, { logsIn });
    const cwd = path.resolve(given.cwd ?? '.');
    options.log.debug(`exec: ${JSON.stringify([file, ...args].map(redact))}`);
    const found = program(file, cwd, { PATH: options.env['PATH'], ...env });
    const startedMs = clock.now();
    const child: Child = spawn(found, [...args], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own, which can be signalled as a whole; see process-tree.ts.
      detached: process.platform !== 'win32',
    });
    const ending = ended(child);
    const dog = watchdog(child, clock, given);
    const captured = capture(child, given, { redact, onOverflow: () => dog.stop('overflow') });
    // A child that ends without reading its input must not crash the action with EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(given.input ?? '');
    const forget = child.pid === undefined ? () => undefined : endWithUs(child.pid);
    if (child.pid !== undefined) tidyUp(child, child.pid, { clock, wasStopped: dog.stopped });

    const how = await ending
      .catch((cause: unknown) => {
        const message = `${path.basename(file)} could not be started: ${errorMessage(cause)}.`;
        throw new ExecError(redact(message), { file, cause });
      })
      .finally(() => {
        forget();
        dog.settle();
      });
    const stopped = dog.settle();
    captured.end();
    if (stopped === 'abort') throw given.signal?.reason;
    const full: Ending = {
      ...how,
      stopped,
      timeoutMs: given.timeoutMs,
      maxStdoutBytes: given.maxStdoutBytes ?? defaultMaxStdout,
    };
    const stdout = captured.stdout();
    const stderr = captured.stderr();
    const durationMs = clock.now() - startedMs;
    if (isWell(full, given.allowExitCodes))
      return { exitCode: full.exitCode ?? 0, stdout, stderr, durationMs };
    throw new ExecError(
      failureMessage(redact([path.basename(file), ...args].join(' ')), full, stderr),
      {
        file,
        exitCode: full.exitCode,
        stdout,
        stderr,
        durationMs,
        timedOut: stopped === 'timeout',
      },
    );
  };
}
