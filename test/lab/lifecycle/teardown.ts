import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cgroupProcesses, readCgroupMounts, removeCgroup } from '../machine/cgroup.ts';
import { isRunning, processStat, stopDaemon } from '../process/daemon.ts';
import type { HostTools } from '../machine/host-tools.ts';
import { removeServiceRouting } from '../machine/iptables.ts';
import type { Layout } from '../places/layout.ts';
import { mountsUnder } from '../machine/mounts.ts';
import { bridgeExists } from './prepare.ts';
import { daemonMarker } from '../session/session.ts';
import { readState, type LabState } from '../session/state.ts';

const run = promisify(execFile);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Processes that this lab started, and what they started, by the mark in their environment. */
export function markedProcesses(layout: Layout): number[] {
  const mark = `${daemonMarker}=${layout.state}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
      } catch {
        return false;
      }
    });
}

function isShim(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('containerd-shim');
  } catch {
    return false;
  }
}

async function killAll(list: () => number[] | Promise<number[]>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const pids = (await list()).filter((pid) => {
      const stat = processStat(pid);
      return stat !== undefined && stat.state !== 'Z';
    });
    if (pids.length === 0) return;
    for (const pid of pids)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    await sleep(25);
  }
}

/**
 * Ends processes of the lab that its record does not know: started by an `up` that was killed
 * before it could write them down. Shims stay, they hold running containers.
 */
export async function endStrays(layout: Layout, state: LabState): Promise<void> {
  const known = new Set(
    Object.values(state.daemons)
      .filter(isRunning)
      .map(({ pid }) => pid),
  );
  await killAll(() => markedProcesses(layout).filter((pid) => !known.has(pid) && !isShim(pid)));
}

async function removeShimSockets(layout: Layout): Promise<void> {
  const tasks = path.join(layout.state, 'run', 'io.containerd.runtime.v2.task', 'k8s.io');
  for (const id of await readdir(tasks).catch(() => [])) {
    const address = await readFile(path.join(tasks, id, 'address'), 'utf8').catch(() => '');
    const socket = address.replace(/^unix:\/\//, '').trim();
    if (path.isAbsolute(socket)) await rm(socket, { force: true });
  }
}

async function unmountAll(layout: Layout): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const mounts = mountsUnder(await readFile('/proc/mounts', 'utf8'), layout.state);
    if (mounts.length === 0) return;
    for (const mount of mounts) await run('umount', ['--lazy', mount]).catch(() => undefined);
  }
  // Removing files below a mount would remove somebody else's.
  throw new Error(`Something is still mounted under ${layout.state}; nothing there was removed.`);
}

/** What CNI keeps of a container is named by network and container; loopback is a network of its own. */
async function removeTraces(layout: Layout): Promise<void> {
  const results = '/var/lib/cni/results';
  const names = await readdir(results).catch(() => []);
  const prefix = `${layout.network}-`;
  const containers = names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).replace(/-eth0$/, ''));
  for (const id of containers)
    for (const name of [`${prefix}${id}-eth0`, `cni-loopback-${id}-lo`])
      await rm(path.join(results, name), { force: true });
  const links = '/var/log/containers';
  for (const name of await readdir(links).catch(() => []))
    await removeLinkInto(path.join(links, name), layout.state);
}

/** The pods' ends of the bridge vanish with their namespaces, but only some time later. */
async function removeBridge(ip: string, layout: Layout): Promise<void> {
  const ports = await readdir(`/sys/class/net/${layout.bridge}/brif`).catch(() => []);
  for (const port of ports) await run(ip, ['link', 'delete', port]).catch(() => undefined);
  await run(ip, ['link', 'delete', layout.bridge]);
}

async function removeLinkInto(link: string, folder: string): Promise<void> {
  const target = await readlink(link).catch(() => '');
  if (target.startsWith(`${folder}/`)) await rm(link, { force: true });
}

/**
 * Removes everything of a lab, whatever state it is in, and also when there is none: processes and
 * containers first, then mounts and with them network namespaces, then bridge, rules, groups, files.
 */
export async function takeDown(layout: Layout, tools: Partial<HostTools>): Promise<void> {
  const state = await readState(layout);
  // Nobody reads again what they would write on the way out, so nothing is waited for. The kubelet
  // goes first: it would start again what is ended under it.
  await stopDaemon(state?.daemons['kubelet'], 0);
  await removeShimSockets(layout);
  await killAll(() => markedProcesses(layout));
  const mounts = readCgroupMounts(await readFile('/proc/mounts', 'utf8'));
  await killAll(() => cgroupProcesses(mounts, layout.cgroup));
  await unmountAll(layout);
  if (tools.iptables !== undefined) await removeServiceRouting(tools.iptables, layout);
  if (tools.ip !== undefined && bridgeExists(layout)) await removeBridge(tools.ip, layout);
  await removeCgroup(mounts, layout.cgroup);
  await removeTraces(layout);
  await rm(layout.state, { recursive: true, force: true });
}
