import os from 'node:os';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Env } from '../places/cache-folder.ts';

/** One `go` command that may take long. */
export interface GoCommand {
  args: readonly string[];
  cwd: string;
  env: Env;
  /** Every line of standard error as it comes. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Runs `go` below everything else on the machine and gives its standard output. Throws with the
 * end of its standard error when it fails, and with a pointer to go.dev when there is no `go`.
 */
export function runGo(command: GoCommand): Promise<string> {
  return new Promise((resolve, reject) => {
    const merged: Env = { ...command.env, GOFLAGS: '-mod=readonly', GOWORK: 'off' };
    const env = Object.fromEntries(
      Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const child = spawn('go', [...command.args], {
      cwd: command.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(command.signal === undefined ? {} : { signal: command.signal }),
    });
    if (child.pid !== undefined) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW);
    const output: Buffer[] = [];
    const tail: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    createInterface({ input: child.stderr }).on('line', (line) => {
      tail.push(line);
      if (tail.length > 15) tail.shift();
      command.onLine?.(line);
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new Error(
              '`go` was not found in PATH. The lab builds its parts with it: install Go from https://go.dev/dl/.',
            )
          : error,
      ),
    );
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString());
      else
        reject(
          new Error(`go ${command.args[0] ?? ''} in ${command.cwd} failed:\n${tail.join('\n')}`),
        );
    });
  });
}
