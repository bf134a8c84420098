import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { DaemonRecord } from '../process/daemon.ts';
import type { Layout } from '../places/layout.ts';
import type { Subnet } from '../places/subnet.ts';

/** Loopback ports that a lab has taken. */
export interface LabPorts {
  etcd: number;
  etcdPeer: number;
  registry: number;
  prometheus: number;
  cacheService: number;
}

/** What a lab remembers of itself between two commands. */
export interface LabState {
  /** The machine's boot; after another one nothing of the lab is left but its folder. */
  bootId: string;
  subnet: Subnet;
  ports: LabPorts;
  daemons: Record<string, DaemonRecord>;
  versions: Record<string, string>;
  /** The stage that everything reached, for `status` and for an `up` that finds it half made. */
  ready: boolean;
}

/** The lab's state, or undefined when there is none or it cannot be read (a crash while writing). */
export async function readState(layout: Layout): Promise<LabState | undefined> {
  try {
    return JSON.parse(await readFile(layout.stateFile, 'utf8')) as LabState;
  } catch {
    return undefined;
  }
}

/**
 * Writes the state so that a reader sees the old or the new one, never a half. Not asynchronous:
 * parts that start side by side all write it.
 */
export function writeState(layout: Layout, state: LabState): void {
  const partial = `${layout.stateFile}.partial`;
  writeFileSync(partial, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, layout.stateFile);
}
