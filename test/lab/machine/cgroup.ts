import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The control groups of a machine: `v1` (also the hybrid of systemd) or `v2` alone. */
export interface CgroupMounts {
  version: 'v1' | 'v2';
  /** One folder per controller for v1, the one folder for v2. */
  folders: string[];
  /** All folders that a container runtime makes groups in: in the hybrid the one of version 2 too. */
  all: string[];
}

const needed = ['cpu', 'memory', 'pids'];

/**
 * Reads /proc/mounts. Throws when the controllers that a kubelet needs are not there, as in a
 * container that was not given them.
 */
export function readCgroupMounts(mounts: string): CgroupMounts {
  const entries = mounts.split('\n').map((line) => line.split(' '));
  const v1 = entries.filter(([, , type]) => type === 'cgroup');
  const all = entries
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .flatMap(([, folder]) => folder ?? []);
  const controllers = v1.flatMap(([, , , options]) => (options ?? '').split(','));
  if (needed.every((name) => controllers.includes(name)))
    return { version: 'v1', folders: v1.flatMap(([, folder]) => folder ?? []), all };
  const v2 = entries.find(([, , type]) => type === 'cgroup2')?.[1];
  if (v2 !== undefined && v1.length === 0) return { version: 'v2', folders: [v2], all };
  throw new Error(
    `The control groups cpu, memory and pids are not mounted here, which a kubelet needs. In a container, start it with --privileged.`,
  );
}

/**
 * Version 2 shares controllers only with groups that hold no process themselves: where the root
 * holds some (a container with its own cgroup namespace), they move to a child first.
 */
async function enableControllers(root: string): Promise<void> {
  const enable = async (folder: string): Promise<void> => {
    const available = (await readFile(path.join(folder, 'cgroup.controllers'), 'utf8')).trim();
    for (const name of available.split(' ').filter((controller) => controller !== ''))
      await writeFile(path.join(folder, 'cgroup.subtree_control'), `+${name}`);
  };
  try {
    await enable(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    const leaf = path.join(root, 'init');
    await mkdir(leaf, { recursive: true });
    const pids = (await readFile(path.join(root, 'cgroup.procs'), 'utf8')).trim().split('\n');
    // A kernel thread cannot be moved, and a process may end meanwhile: both are fine.
    for (const pid of pids)
      await writeFile(path.join(leaf, 'cgroup.procs'), pid).catch(() => undefined);
    await enable(root);
  }
}

/** Makes the lab's group under every controller. */
export async function makeCgroup(mounts: CgroupMounts, name: string): Promise<void> {
  if (mounts.version === 'v2') for (const root of mounts.folders) await enableControllers(root);
  for (const folder of mounts.folders) await mkdir(path.join(folder, name), { recursive: true });
}

async function walk(folder: string, visit: (folder: string) => Promise<void>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (entry.isDirectory()) await walk(path.join(folder, entry.name), visit);
  await visit(folder);
}

/** Processes in the lab's group or below it. */
export async function cgroupProcesses(mounts: CgroupMounts, name: string): Promise<number[]> {
  const pids = new Set<number>();
  for (const folder of mounts.all)
    await walk(path.join(folder, name), async (group) => {
      const text = await readFile(path.join(group, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of text.split('\n')) if (pid !== '') pids.add(Number(pid));
    });
  return [...pids];
}

/** Removes the lab's group; the kernel refuses while a process is in it. */
export async function removeCgroup(mounts: CgroupMounts, name: string): Promise<void> {
  for (const folder of mounts.all) {
    const group = path.join(folder, name);
    if (existsSync(group)) await walk(group, (inner) => rmdir(inner).catch(() => undefined));
  }
}
