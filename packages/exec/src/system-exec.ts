import { spawn } from 'node:child_process';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Log } from '@slipway/runtime';
import { formatDuration } from '@slipway/runtime';
import { ExecError, type Exec, type ExecOptions, type ExecResult } from './exec.ts';

const stderrTailBytes = 65_536;
const defaultMaxStdout = 64 * 1024 * 1024;

function redactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length > 0).sort((a, b) => b.length - a.length);
  return (text) => known.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

function lineSplitter(onLine: ((line: string) => void) | undefined): {
  write(chunk: Buffer): void;
  end(): void;
} {
  if (onLine === undefined) return { write: () => undefined, end: () => undefined };
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const emit = (text: string): void => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  };
  return {
    write: (chunk) => emit(decoder.write(chunk)),
    end: () => {
      emit(decoder.end());
      if (rest !== '') onLine(rest);
    },
  };
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

/**
 * Child processes of this machine. `env` is the base environment, `log` gets each argv, redacted, at
 * debug level. Written on node:child_process and not on @actions/exec because that one cannot signal
 * the child, limit its time or hand over standard output unprinted in chunks.
 */
export function systemExec(options: {
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
}): Exec {
  return (file, args, given = {}) =>
    new Promise<ExecResult>((resolve, reject) => {
      const redact = redactor(given.secrets ?? []);
      const name = path.basename(file);
      const shown = redact([name, ...args].join(' '));
      if (given.signal?.aborted === true) {
        reject(given.signal.reason as Error);
        return;
      }
      options.log.debug(`exec: ${JSON.stringify([file, ...args].map(redact))}`);
      const started = performance.now();
      const child = spawn(file, [...args], {
        cwd: given.cwd,
        env: environment(options.env, given),
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        shell: false,
      });
      const out: Buffer[] = [];
      let outBytes = 0;
      let errTail = Buffer.alloc(0);
      let stopped: 'timeout' | 'abort' | 'overflow' | undefined;
      let killTimer: NodeJS.Timeout | undefined;
      const stop = (why: 'timeout' | 'abort' | 'overflow', signal: NodeJS.Signals): void => {
        if (stopped !== undefined) return;
        stopped = why;
        child.kill(signal);
        killTimer = setTimeout(() => child.kill('SIGKILL'), given.killGraceMs ?? 5_000);
      };
      const onAbort = (): void => stop('abort', 'SIGINT');
      given.signal?.addEventListener('abort', onAbort, { once: true });
      const timer =
        given.timeoutMs === undefined
          ? undefined
          : setTimeout(() => stop('timeout', 'SIGTERM'), given.timeoutMs);
      const stdoutLines = lineSplitter(
        given.onStdout && ((line) => given.onStdout?.(redact(line))),
      );
      const stderrLines = lineSplitter(
        given.onStderr && ((line) => given.onStderr?.(redact(line))),
      );
      child.stdout.on('data', (chunk: Buffer) => {
        stdoutLines.write(chunk);
        outBytes += chunk.length;
        if (outBytes > (given.maxStdoutBytes ?? defaultMaxStdout)) stop('overflow', 'SIGTERM');
        else out.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderrLines.write(chunk);
        errTail = Buffer.concat([errTail, chunk]).subarray(-stderrTailBytes);
      });
      // A child that exits without reading its input must not crash the action with EPIPE.
      child.stdin.on('error', () => undefined);
      child.stdin.end(given.input ?? '');
      const settle = (): number => {
        clearTimeout(timer);
        clearTimeout(killTimer);
        given.signal?.removeEventListener('abort', onAbort);
        return performance.now() - started;
      };
      child.on('error', (error: NodeJS.ErrnoException) => {
        const durationMs = settle();
        const why = error.code === 'ENOENT' ? 'was not found on this machine' : error.message;
        reject(
          new ExecError(`${name} could not be started: it ${why}.`, {
            file,
            durationMs,
            cause: error,
          }),
        );
      });
      child.on('close', (code, signal) => {
        const durationMs = settle();
        stdoutLines.end();
        stderrLines.end();
        const stdout = Buffer.concat(out).toString();
        const stderr = redact(errTail.toString());
        if (stopped === 'abort') {
          reject(given.signal?.reason as Error);
          return;
        }
        const exitCode = code ?? undefined;
        const fine =
          stopped === undefined &&
          exitCode !== undefined &&
          (exitCode === 0 || given.allowExitCodes?.includes(exitCode) === true);
        if (fine) {
          resolve({ exitCode, stdout, stderr, durationMs });
          return;
        }
        const how =
          stopped === 'timeout'
            ? `was stopped after its limit of ${formatDuration(given.timeoutMs ?? 0)}`
            : stopped === 'overflow'
              ? 'printed more than it may'
              : exitCode === undefined
                ? `was ended by ${signal ?? 'a signal'}`
                : `failed with exit code ${exitCode}`;
        const tail = stderr.trim().split('\n').slice(-12).join('\n');
        reject(
          new ExecError(`${shown.slice(0, 300)} ${how}${tail === '' ? '.' : `:\n${tail}`}`, {
            file,
            exitCode,
            stdout,
            stderr,
            timedOut: stopped === 'timeout',
            durationMs,
          }),
        );
      });
    });
}
