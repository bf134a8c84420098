import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A process that outlives the command that started it. */
export interface DaemonRecord {
  pid: number;
  /** Start time in clock ticks since boot: tells this process from a later one with the same id. */
  startTicks: number;
  file: string;
  args: readonly string[];
  log: string;
  /** Digest of the configuration it was started with. */
  config: string;
}

/** How to start a daemon. Its environment is exactly `env`. */
export interface DaemonOptions {
  name: string;
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  logs: string;
  config: string;
  /** Scheduled before ordinary processes, where root may say so. */
  urgent?: boolean;
}

/** State letter and start time from /proc/PID/stat (proc(5)), or undefined when there is none. */
export function processStat(pid: number): { state: string; startTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command's name in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** Whether the recorded process itself still runs. */
export function isRunning(record: Pick<DaemonRecord, 'pid' | 'startTicks'> | undefined): boolean {
  if (record === undefined) return false;
  const stat = processStat(record.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTicks === record.startTicks;
}

/** A container's root may lack CAP_SYS_NICE; then it runs like everything else. */
function raisePriority(pid: number): void {
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_ABOVE_NORMAL);
  } catch {
    return;
  }
}

/** Starts a process of its own session whose output is appended to `logs/NAME.log`. */
export async function startDaemon(options: DaemonOptions): Promise<DaemonRecord> {
  await mkdir(options.logs, { recursive: true });
  const log = path.join(options.logs, `${options.name}.log`);
  const output = openSync(log, 'a');
  try {
    const child = spawn(options.file, [...options.args], {
      detached: true,
      stdio: ['ignore', output, output],
      env: options.env,
      cwd: options.logs,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(
          new Error(`${options.name} (${options.file}) could not be started.`, { cause: error }),
        ),
      );
    });
    child.unref();
    const pid = child.pid ?? 0;
    if (options.urgent === true) raisePriority(pid);
    const startTicks = processStat(pid)?.startTicks ?? 0;
    const { file, args, config } = options;
    return { pid, startTicks, file, args, log, config };
  } finally {
    closeSync(output);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends a recorded process: SIGTERM, and SIGKILL when it still runs after `graceMs`. */
export async function stopDaemon(record: DaemonRecord | undefined, graceMs = 5_000): Promise<void> {
  if (record === undefined || !isRunning(record)) return;
  process.kill(record.pid, 'SIGTERM');
  const until = performance.now() + graceMs;
  while (isRunning(record) && performance.now() < until) await sleep(25);
  if (isRunning(record)) process.kill(record.pid, 'SIGKILL');
  while (isRunning(record)) await sleep(25);
}

async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-8).join('\n');
}

/**
 * Asks `probe` until it answers true. Throws after `timeoutMs`, and at once when the daemon it
 * waits for has ended; the message carries the end of that daemon's log.
 */
export async function waitUntil(
  what: string,
  daemon: DaemonRecord,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    if (await probe().catch(() => false)) return;
    const ended = !isRunning(daemon);
    if (ended || performance.now() > until) {
      const why = ended ? 'its process has ended' : `it was not after ${timeoutMs / 1000} s`;
      throw new Error(`${what}: ${why}. The end of ${daemon.log}:\n${await logTail(daemon.log)}`);
    }
    await sleep(100);
  }
}
