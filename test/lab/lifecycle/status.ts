import { readFile } from 'node:fs/promises';
import { formatSize } from '@slipway/runtime';
import { cgroupProcesses, readCgroupMounts } from '../machine/cgroup.ts';
import { isRunning } from '../process/daemon.ts';
import type { Layout } from '../places/layout.ts';
import type { LabState } from '../session/state.ts';

/** One line of `status`. */
export interface StatusRow {
  name: string;
  state: 'running' | 'ended';
  pid: number;
  version: string;
  address: string;
  /** Resident memory. */
  memoryBytes: number;
}

async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}

/** Where each part answers. */
function addressesOf(state: LabState): Readonly<Record<string, string>> {
  const { ports, subnet } = state;
  return {
    etcd: `127.0.0.1:${ports.etcd}`,
    'kube-apiserver': `${subnet.gateway}:6443`,
    kubelet: `${subnet.gateway}:10250`,
    registry: `127.0.0.1:${ports.registry}`,
    prometheus: `127.0.0.1:${ports.prometheus}`,
    services: `${subnet.gateway}:53`,
    'cache-service': `127.0.0.1:${ports.cacheService}`,
  };
}

/** What runs of a lab. */
export async function labStatus(state: LabState): Promise<StatusRow[]> {
  const addresses = addressesOf(state);
  return Promise.all(
    Object.entries(state.daemons).map(async ([name, record]) => ({
      name,
      state: isRunning(record) ? ('running' as const) : ('ended' as const),
      pid: record.pid,
      version: state.versions[name] ?? '',
      address: addresses[name] ?? '',
      memoryBytes: isRunning(record) ? await residentBytes(record.pid) : 0,
    })),
  );
}

/** Processes in the lab's pods. */
export async function podProcesses(layout: Layout): Promise<number> {
  const mounts = readCgroupMounts(await readFile('/proc/mounts', 'utf8'));
  return (await cgroupProcesses(mounts, layout.cgroup)).length;
}

/** The rows as a table for a terminal, with the sum of the memory below. */
export function renderStatus(rows: readonly StatusRow[]): string {
  const sum = rows.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
  const cells = [
    ['part', 'state', 'pid', 'version', 'address', 'memory'],
    ...rows.map((row) => [
      row.name,
      row.state,
      String(row.pid),
      row.version,
      row.address,
      row.state === 'running' ? formatSize(row.memoryBytes) : '',
    ]),
    ['', '', '', '', '', formatSize(sum)],
  ];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
