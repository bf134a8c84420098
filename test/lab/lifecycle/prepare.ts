import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeCgroup, readCgroupMounts } from '../machine/cgroup.ts';
import type { HostTools } from '../machine/host-tools.ts';
import type { Layout } from '../places/layout.ts';
import { mountsUnder } from '../machine/mounts.ts';
import { bridgeCommands } from '../machine/network.ts';
import { freePort } from '../places/port.ts';
import type { LabState } from '../session/state.ts';
import { chooseSubnet } from '../places/subnet.ts';

const run = promisify(execFile);

/** The identity of the machine's current boot. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Whether the lab's bridge is there. */
export function bridgeExists(layout: Layout): boolean {
  return existsSync(`/sys/class/net/${layout.bridge}`);
}

/** Chooses addresses and ports for a new lab: the usual ones where they are free. */
export async function newState(tools: HostTools): Promise<LabState> {
  const { stdout: routes } = await run(tools.ip, ['-4', 'route', 'show', 'table', 'all']);
  const taken: number[] = [];
  const take = async (preferred: number): Promise<number> => {
    const port = await freePort(preferred, taken);
    taken.push(port);
    return port;
  };
  return {
    bootId: await bootId(),
    subnet: chooseSubnet(routes),
    ports: {
      etcd: await take(2379),
      etcdPeer: await take(2380),
      registry: await take(5000),
      prometheus: await take(9090),
      cacheService: await take(5050),
    },
    daemons: {},
    versions: {},
    ready: false,
  };
}

/** Makes what processes of the lab share: folders, the bridge, the control group. */
export async function prepareMachine(
  layout: Layout,
  state: LabState,
  tools: HostTools,
): Promise<void> {
  for (const folder of [layout.state, layout.logs, layout.cniConfig, layout.registry])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  const mounts = await readFile('/proc/mounts', 'utf8');
  // etcd waits for the disk at every write, and what it holds is of no use after a reboot.
  await mkdir(layout.etcd, { recursive: true, mode: 0o700 });
  const fresh = (await readdir(layout.etcd)).length === 0;
  if (fresh && !mountsUnder(mounts, layout.state).includes(layout.etcd))
    await run('mount', ['-t', 'tmpfs', '-o', 'size=2g,mode=700', 'slipway-lab', layout.etcd]);
  await makeCgroup(readCgroupMounts(mounts), layout.cgroup);
  if (bridgeExists(layout)) return;
  for (const args of bridgeCommands(layout, state.subnet)) await run(tools.ip, args);
  const settings = path.join('/proc/sys/net/ipv4/conf', layout.bridge);
  await writeFile(path.join(settings, 'forwarding'), '1');
  await writeFile(path.join(settings, 'send_redirects'), '0');
}
