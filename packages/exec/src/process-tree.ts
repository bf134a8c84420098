import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

/** How one process and all that it started is told to end. */
export type TreeSignal =
  | { kind: 'group'; pid: number; signal: NodeJS.Signals }
  | { kind: 'command'; file: string; args: readonly string[] };

/**
 * The way to end a tree on `platform`. Elsewhere than on Windows a child leads a process group of its
 * own, and the group is signalled. Windows has neither groups nor SIGINT for a process without a
 * console (Node would just terminate the one process), so there taskkill ends the tree by force.
 */
export function treeSignal(
  pid: number,
  signal: NodeJS.Signals,
  platform: NodeJS.Platform,
  systemRoot = 'C:\\Windows',
): TreeSignal {
  return platform === 'win32'
    ? {
        kind: 'command',
        file: path.win32.join(systemRoot, 'System32', 'taskkill.exe'),
        args: ['/PID', String(pid), '/T', '/F'],
      }
    : { kind: 'group', pid, signal };
}

function sendToGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left (ESRCH), or what is left is not ours to end (EPERM).
  }
}

/** Signals a child that leads its own group, and all of the group. Never throws. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  const way = treeSignal(pid, signal, process.platform, process.env['SystemRoot']);
  if (way.kind === 'group') sendToGroup(way.pid, way.signal);
  else
    spawn(way.file, way.args, { stdio: 'ignore', windowsHide: true }).on('error', () => undefined);
}

const living = new Set<number>();

function endLiving(): void {
  for (const pid of living) {
    const way = treeSignal(pid, 'SIGKILL', process.platform, process.env['SystemRoot']);
    if (way.kind === 'group') sendToGroup(way.pid, way.signal);
    else spawnSync(way.file, way.args, { stdio: 'ignore', windowsHide: true });
  }
}

/**
 * Ends the tree of `pid` together with this process, should this process end first. Returns how to
 * forget it again.
 */
export function endWithUs(pid: number): () => void {
  if (living.size === 0) process.on('exit', endLiving);
  living.add(pid);
  return () => {
    living.delete(pid);
    if (living.size === 0) process.off('exit', endLiving);
  };
}
