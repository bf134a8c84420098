import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { readCgroupMounts } from './cgroup.ts';
import { containerdConfig } from '../parts/containerd.ts';
import { ensureHostTools, type RunCommand } from './debian-packages.ts';
import { diskProblem, requireDisk } from './disk.ts';
import { findHostTools, missingPackages, type HostTools } from './host-tools.ts';
import { removalCommands } from './iptables.ts';
import { labLayout } from '../places/layout.ts';
import { mountsUnder } from './mounts.ts';
import { machineProblem } from './requirements.ts';
import { renderStatus } from '../lifecycle/status.ts';
import { readZipEntry } from '../build/zip.ts';

test.each([
  [
    { platform: 'darwin', arch: 'arm64', uid: 501 },
    /needs Linux, and this is darwin.*--kubeconfig/,
  ],
  [{ platform: 'win32', arch: 'x64', uid: undefined }, /needs Linux, and this is win32/],
  [{ platform: 'linux', arch: 'riscv64', uid: 0 }, /x64 and arm64, and this is riscv64/],
  [{ platform: 'linux', arch: 'x64', uid: 1000 }, /only root may.*sudo -E.*--kubeconfig/],
] as const)('%j gets one message with the way out', (facts, expected) => {
  expect(machineProblem(facts)).toMatch(expected);
});

test('root on Linux is fine', () => {
  expect(machineProblem({ platform: 'linux', arch: 'x64', uid: 0 })).toBeUndefined();
});

test('too little room is told with both sizes and how to use another disk', () => {
  const facts = { folder: '/c', freeBytes: 1.2e9, neededBytes: 4.5e9, purpose: 'the build' };
  expect(diskProblem(facts)).toBe(
    '/c has 1.20 GB free and the build needs about 4.50 GB: make room, or put the cache on another disk with SLIPWAY_CACHE=FOLDER.',
  );
  expect(diskProblem({ ...facts, freeBytes: 5e9 })).toBeUndefined();
});

test('the disk of a folder that is not there yet is that of its nearest parent', async () => {
  await expect(requireDisk('/proc/not/there', 1e18, 'it')).rejects.toThrow(/make room/);
  await expect(requireDisk(os.tmpdir(), 1, 'it')).resolves.toBeUndefined();
});

const hybrid = `cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`;

test('control groups of version 1, also beside version 2, are one folder per controller', () => {
  expect(readCgroupMounts(hybrid)).toEqual({
    version: 'v1',
    folders: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/memory', '/sys/fs/cgroup/pids'],
    all: [
      '/sys/fs/cgroup/cpu',
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/pids',
      '/sys/fs/cgroup/unified',
    ],
  });
});

test('control groups of version 2 are one folder', () => {
  expect(readCgroupMounts('cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0')).toEqual({
    version: 'v2',
    folders: ['/sys/fs/cgroup'],
    all: ['/sys/fs/cgroup'],
  });
});

test('a container without control groups is told how to start', () => {
  expect(() => readCgroupMounts('proc /proc proc rw 0 0')).toThrow(/--privileged/);
});

test('mounts are found deepest first, never those of a folder whose name only begins alike', () => {
  const mounts = [
    'tmpfs /lab/one/etcd tmpfs rw 0 0',
    'overlay /lab/one/run/a\\040b/rootfs overlay rw 0 0',
    'nsfs /lab/one/run/netns/cni-1 nsfs rw 0 0',
    'tmpfs /lab/one-more/etcd tmpfs rw 0 0',
    '/dev/vda / ext4 rw 0 0',
  ].join('\n');
  expect(mountsUnder(mounts, '/lab/one')).toEqual([
    '/lab/one/run/netns/cni-1',
    '/lab/one/run/a b/rootfs',
    '/lab/one/etcd',
  ]);
});

test('rules of this lab go, those of others with a longer name stay', () => {
  const rules = [
    '-P PREROUTING ACCEPT',
    '-N SLIPWAY-ONE',
    '-N SLIPWAY-ONE-OUT',
    '-N SLIPWAY-ONEMORE',
    '-A PREROUTING -j SLIPWAY-ONE',
    '-A PREROUTING -j SLIPWAY-ONEMORE',
    '-A SLIPWAY-ONE -d 10.1.2.3/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.9:80',
  ].join('\n');
  expect(removalCommands(rules, 'SLIPWAY-ONE')).toEqual([
    ['-D', 'PREROUTING', '-j', 'SLIPWAY-ONE'],
    ['-F', 'SLIPWAY-ONE'],
    ['-F', 'SLIPWAY-ONE-OUT'],
    ['-X', 'SLIPWAY-ONE'],
    ['-X', 'SLIPWAY-ONE-OUT'],
  ]);
});

const allTools: HostTools = {
  etcd: '/usr/bin/etcd',
  containerd: '/usr/bin/containerd',
  ctr: '/usr/bin/ctr',
  runc: '/usr/sbin/runc',
  prometheus: '/usr/bin/prometheus',
  iptables: '/usr/sbin/iptables',
  ip: '/usr/sbin/ip',
  cniPlugins: '/usr/lib/cni',
};

test('tools are found in the folders of the administrator though PATH lacks them', () => {
  const found = findHostTools({ PATH: '/usr/bin' }, (file) => file === '/usr/sbin/runc');
  expect(found).toEqual({ runc: '/usr/sbin/runc' });
  expect(missingPackages({ ...allTools, ctr: '' })).toEqual([]);
  expect(missingPackages(found)).toEqual([
    'containerd',
    'containernetworking-plugins',
    'etcd-server',
    'iproute2',
    'iptables',
    'prometheus',
  ]);
});

test('missing packages are installed and none of their services starts', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-apt-'));
  const policyFile = path.join(folder, 'policy-rc.d');
  const ran: string[] = [];
  const run: RunCommand = (file, args) => {
    ran.push(`${file} ${args.join(' ')}${existsSync(policyFile) ? '' : ' (services may start)'}`);
    // An image without package lists knows no package at first.
    return ran.length === 1 ? Promise.reject(new Error('Unable to locate')) : Promise.resolve();
  };
  const find = (): Partial<HostTools> =>
    ran.length < 3 ? { ip: '/sbin/ip', iptables: '/sbin/iptables' } : allTools;
  expect(await ensureHostTools({}, { run, find, hasApt: true, policyFile })).toEqual(allTools);
  const install =
    'apt-get install --yes --no-install-recommends containerd containernetworking-plugins etcd-server prometheus runc';
  expect(ran).toEqual([install, 'apt-get update', install]);
  expect(existsSync(policyFile)).toBe(false);
  await rm(folder, { recursive: true });
});

test('without apt-get one message names all that is missing', async () => {
  const find = (): Partial<HostTools> => ({ ip: '/sbin/ip', iptables: '/sbin/iptables' });
  const run: RunCommand = () => Promise.reject(new Error('must not run'));
  const ports = { run, find, hasApt: false, policyFile: '/nowhere' };
  await expect(ensureHostTools({}, ports)).rejects.toThrow(
    /containerd, containernetworking-plugins, etcd-server, prometheus, runc/,
  );
});

test.each([
  [1, 'version = 2', "sandbox_image = 'slipway.test/pause:1'"],
  [2, 'version = 3', "sandbox = 'slipway.test/pause:1'"],
])('containerd %d gets the configuration of its own schema', (major, version, pause) => {
  const tools = { runc: '/usr/sbin/runc', cniPlugins: '/usr/lib/cni' };
  const config = containerdConfig({ layout: labLayout({}), tools, major, snapshotter: 'native' });
  expect(config).toContain(version);
  expect(config).toContain(pause);
  expect(config).toContain('restrict_oom_score_adj = true');
  expect(config).toContain("snapshotter = 'native'");
});

test('the status table has aligned columns and the sum of the memory', () => {
  const table = renderStatus([
    {
      ...{ name: 'etcd', state: 'running', pid: 7, version: '3.4.23' },
      ...{ address: '127.0.0.1:2379', memoryBytes: 50e6 },
    },
    { name: 'kubelet', state: 'ended', pid: 12345, version: '1.36.3', address: '', memoryBytes: 0 },
  ]);
  expect(table).toBe(
    [
      'part     state    pid    version  address         memory',
      'etcd     running  7      3.4.23   127.0.0.1:2379  50.0 MB',
      'kubelet  ended    12345  1.36.3',
      '                                                  50.0 MB',
    ].join('\n'),
  );
});

test('what is not a zip archive is called so', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-zip-'));
  const file = path.join(folder, 'x.zip');
  await writeFile(file, 'x'.repeat(100));
  await expect(readZipEntry(file, 'act')).rejects.toThrow(/not a zip file/);
  await rm(folder, { recursive: true });
});
