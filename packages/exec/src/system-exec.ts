import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createMasker, shortestSecret, type Log } from '@slipway/runtime';
import { capturedHead, capturedTail } from './captured-output.ts';
import { failureMessage, type Ending } from './ending.ts';
import { ExecError, type Exec, type ExecOptions, type ExecResult } from './exec.ts';
import { lineSplitter } from './line-splitter.ts';
import { endWithUs, signalTree } from './process-tree.ts';
import { findProgram, isBatchFile, isProgram, type ProgramLookup } from './program.ts';

const stderrTailBytes = 65_536;
const defaultMaxStdout = 64 * 1024 * 1024;
const timeoutGraceMs = 5_000;
const abortGraceMs = 1_000;
/** How long pipes may stay open after the child's end: something it started still holds them. */
const openPipesGraceMs = 1_000;
const stoppedPipesGraceMs = 100;

function redactor(secrets: readonly string[]): (text: string) => string {
  const masker = createMasker(() => undefined);
  for (const secret of secrets) masker.mask(secret);
  // Short secrets have no other forms, but the caller named them, so they are hidden all the same.
  const short = secrets.filter((secret) => secret !== '' && secret.trim().length < shortestSecret);
  return (text) =>
    short.reduce((shown, secret) => shown.replaceAll(secret, () => '***'), masker.redact(text));
}

function environment(
  base: Readonly<Record<string, string | undefined>>,
  options: ExecOptions,
): Record<string, string> {
  const merged = { ...(options.env ?? base), ...options.addEnv };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
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

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Stops the child when its time is up or the job is cancelled, and harder when it does not listen. */
function watchdog(child: Child, options: ExecOptions) {
  let why: Ending['stopped'];
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (reason: 'timeout' | 'abort' | 'overflow'): void => {
    const pid = child.pid;
    if (why !== undefined || pid === undefined) return;
    why = reason;
    signalTree(pid, reason === 'abort' ? 'SIGINT' : 'SIGTERM');
    const graceMs = reason === 'abort' ? abortGraceMs : timeoutGraceMs;
    killTimer = setTimeout(() => signalTree(pid, 'SIGKILL'), options.killGraceMs ?? graceMs);
  };
  const onAbort = (): void => stop('abort');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => stop('timeout'), options.timeoutMs);
  return {
    stop,
    stopped: () => why !== undefined,
    /** Why it was stopped, if it was; from here on it is left alone. */
    settle: (): Ending['stopped'] => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      options.signal?.removeEventListener('abort', onAbort);
      return why;
    },
  };
}

/**
 * Ends what the child left behind, and lets go of pipes that something out of reach keeps open: at
 * once when the child was stopped, since what it started was told to stop with it.
 */
function tidyUp(child: Child, pid: number, wasStopped: () => boolean): void {
  child.on('exit', () => {
    const letGo = (): void => {
      signalTree(pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(letGo, wasStopped() ? stoppedPipesGraceMs : openPipesGraceMs);
    child.on('close', () => {
      clearTimeout(timer);
      signalTree(pid, 'SIGKILL');
    });
  });
}

/**
 * Child processes of this machine. `env` is the base environment, `log` gets each argv, redacted, at
 * debug level. Written on node:child_process and not on @actions/exec (read at 3.0.0), which keeps
 * the child to itself: no signal, no time limit, no AbortSignal, and it logs argv unredacted.
 */
export function systemExec(options: {
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
}): Exec {
  return async (file, args, given = {}) => {
    given.signal?.throwIfAborted();
    const redact = redactor(given.secrets ?? []);
    const env = environment(options.env, given);
    const cwd = path.resolve(given.cwd ?? '.');
    options.log.debug(`exec: ${JSON.stringify([file, ...args].map(redact))}`);
    const found = program(file, cwd, { PATH: options.env['PATH'], ...env });
    const started = performance.now();
    const child = spawn(found, [...args], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own, which can be signalled as a whole; see process-tree.ts.
      detached: process.platform !== 'win32',
    });
    return new Promise<ExecResult>((resolve, reject) => {
      const dog = watchdog(child, given);
      const maxStdoutBytes = given.maxStdoutBytes ?? defaultMaxStdout;
      const out = capturedHead(maxStdoutBytes);
      const err = capturedTail(stderrTailBytes);
      const outLines = given.onStdout && lineSplitter((line) => given.onStdout?.(redact(line)));
      const errLines = given.onStderr && lineSplitter((line) => given.onStderr?.(redact(line)));
      child.stdout.on('data', (chunk: Buffer) => {
        outLines?.write(chunk);
        if (!out.add(chunk)) dog.stop('overflow');
      });
      child.stderr.on('data', (chunk: Buffer) => {
        errLines?.write(chunk);
        err.add(chunk);
      });
      // A child that ends without reading its input must not crash the action with EPIPE.
      child.stdin.on('error', () => undefined);
      child.stdin.end(given.input ?? '');
      const forget = child.pid === undefined ? () => undefined : endWithUs(child.pid);
      if (child.pid !== undefined) tidyUp(child, child.pid, dog.stopped);
      child.on('error', (error) => {
        dog.settle();
        forget();
        const message = `${path.basename(file)} could not be started: ${error.message}.`;
        reject(new ExecError(redact(message), { file, cause: error }));
      });
      child.on('close', (code, signal) => {
        const durationMs = performance.now() - started;
        const stopped = dog.settle();
        forget();
        outLines?.end();
        errLines?.end();
        const [stdout, stderr] = [out.text(), redact(err.text())];
        const exitCode = code ?? undefined;
        if (stopped === 'abort') reject(given.signal?.reason as Error);
        else if (
          stopped === undefined &&
          exitCode !== undefined &&
          (exitCode === 0 || given.allowExitCodes?.includes(exitCode) === true)
        )
          resolve({ exitCode, stdout, stderr, durationMs });
        else {
          const command = redact([path.basename(file), ...args].join(' '));
          const ending = { exitCode, stopped, maxStdoutBytes, timeoutMs: given.timeoutMs };
          reject(
            new ExecError(
              failureMessage(command, { ...ending, signal: signal ?? undefined }, stderr),
              { file, exitCode, stdout, stderr, timedOut: stopped === 'timeout', durationMs },
            ),
          );
        }
      });
    });
  };
}
