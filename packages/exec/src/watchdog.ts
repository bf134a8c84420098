import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock, Timer } from '@slipway/runtime';
import type { Ending } from './ending.ts';
import type { ExecOptions } from './exec.ts';
import { signalTree } from './process-tree.ts';

const timeoutGraceMs = 5_000;
const abortGraceMs = 1_000;
/** How long pipes may stay open after the child's end: something it started still holds them. */
const openPipesGraceMs = 1_000;
const stoppedPipesGraceMs = 100;

/** A child whose three streams are pipes. */
export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Stops a child once. */
export interface Watchdog {
  stop: (reason: 'timeout' | 'abort' | 'overflow') => void;
  stopped: () => boolean;
  /** Why it was stopped, if it was; from here on it is left alone. */
  settle: () => Ending['stopped'];
}

/** Stops the child when its time is up or the job is cancelled, and harder when it does not listen. */
export function watchdog(child: Child, clock: Clock, options: ExecOptions): Watchdog {
  let why: Ending['stopped'];
  let killTimer: Timer | undefined;
  const stop: Watchdog['stop'] = (reason) => {
    const { pid } = child;
    if (why !== undefined || pid === undefined) return;
    why = reason;
    signalTree(pid, reason === 'abort' ? 'SIGINT' : 'SIGTERM');
    const graceMs = reason === 'abort' ? abortGraceMs : timeoutGraceMs;
    killTimer = clock.after(options.killGraceMs ?? graceMs, () => signalTree(pid, 'SIGKILL'));
  };
  const onAbort = (): void => stop('abort');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const { timeoutMs } = options;
  const timer = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => stop('timeout'));
  return {
    stop,
    stopped: () => why !== undefined,
    settle: () => {
      timer?.stop();
      killTimer?.stop();
      options.signal?.removeEventListener('abort', onAbort);
      return why;
    },
  };
}

/**
 * Ends what the child left behind, and lets go of pipes that something out of reach keeps open: at
 * once when the child was stopped, since what it started was told to stop with it.
 */
export function tidyUp(
  child: Child,
  pid: number,
  { clock, wasStopped }: { clock: Clock; wasStopped: () => boolean },
): void {
  child.on('exit', () => {
    const letGo = (): void => {
      signalTree(pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = clock.after(wasStopped() ? stoppedPipesGraceMs : openPipesGraceMs, letGo);
    child.on('close', () => {
      timer.stop();
      signalTree(pid, 'SIGKILL');
    });
  });
}
