import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cacheFolder } from '../lab/places/cache-folder.ts';
import { isRunning } from '../lab/process/daemon.ts';
import { helloManifest } from '../lab/cluster/hello-manifest.ts';
import { eventually, kubectlOf, type Kubectl } from '../lab/cluster/kubectl.ts';
import { isLabUp, layoutOf, startLab, stopLab, useLab, type Lab } from '../lab/lab.ts';
import { mountsUnder } from '../lab/machine/mounts.ts';
import { buildPrograms } from '../lab/build/programs.ts';
import { pushProgram } from '../lab/images/push-image.ts';
import { silentReporter } from '../lab/session/reporter.ts';
import { readState, type LabState } from '../lab/session/state.ts';
import { markedProcesses } from '../lab/lifecycle/teardown.ts';

// All that is destroyed here belongs to a second lab with a name of its own; the first one, which
// other tests use, must not notice.
jest.setTimeout(180_000);

const run = promisify(execFile);
const env = { ...process.env, SLIPWAY_LAB_NAME: 'recovery' };
const layout = layoutOf(env);
let first: Lab;
let lab: Lab;
let kubectl: Kubectl;
let scratch = '';

const up = (): Promise<Lab> => startLab({ env, reporter: silentReporter });

async function stateNow(): Promise<LabState> {
  const state = await readState(layout);
  if (state === undefined) throw new Error('The lab has no state.');
  return state;
}

async function kill(...names: string[]): Promise<void> {
  const { daemons } = await stateNow();
  for (const name of names) process.kill(daemons[name]?.pid ?? 0, 'SIGKILL');
}

async function rollOut(name: string): Promise<void> {
  const { hello } = await buildPrograms(cacheFolder(env, os.homedir()), env);
  const pushed = { registry: lab.registry, repository: 'lab/hello', tag: 'test' };
  await pushProgram({ ...pushed, program: hello });
  const file = path.join(scratch, 'manifest.json');
  await writeFile(file, helloManifest({ name, image: `${lab.registry}/lab/hello:test` }));
  await kubectl('apply', '-f', file);
  await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=90s');
}

beforeAll(async () => {
  first = await useLab();
  await stopLab(env);
  lab = await up();
  kubectl = kubectlOf(lab, 'default');
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-recovery-'));
}, 1_800_000);

afterAll(async () => {
  await stopLab(env);
  await rm(scratch, { recursive: true, force: true });
});

test('a second lab takes addresses and ports that the first does not have', () => {
  expect(lab.apiServer).not.toBe(first.apiServer);
  expect(lab.registry).not.toBe(first.registry);
  expect(lab.prometheusUrl).not.toBe(first.prometheusUrl);
});

test.each([
  [['kube-apiserver']],
  [['etcd', 'kubelet']],
  [['containerd', 'services']],
  [['registry', 'prometheus', 'cache-service', 'kube-scheduler', 'kube-controller-manager']],
])('after a crash of %s the next start brings back just that', async (names) => {
  const before = await stateNow();
  await kill(...names);
  await up();
  const after = await stateNow();
  for (const [name, record] of Object.entries(after.daemons)) {
    expect([name, isRunning(record)]).toEqual([name, true]);
    const same = record.pid === before.daemons[name]?.pid;
    expect([name, same]).toEqual([name, !names.includes(name)]);
  }
  await rollOut('survivor');
});

test('pods outlive a crash of everything that runs them', async () => {
  const containers = 'jsonpath={.items[*].status.containerStatuses[*].containerID}';
  const running = (): Promise<string> =>
    kubectl('get', 'pods', '-l', 'app=survivor', '-o', containers);
  const before = await running();
  await kill(...Object.keys((await stateNow()).daemons));
  await up();
  await rollOut('survivor');
  expect(await running()).toBe(before);
  expect(before).toMatch(/^containerd:/);
});

test('a process that an interrupted start did not write down is ended by the next', async () => {
  const { daemons } = await stateNow();
  const registry = daemons['registry'];
  const mark = { SLIPWAY_LAB_DAEMON: layout.state };
  const stray = spawn(registry?.file ?? '', ['--address', '127.0.0.1:0', '--folder', scratch], {
    env: mark,
    stdio: 'ignore',
  });
  await eventually(
    () => Promise.resolve(markedProcesses(layout)),
    (pids) => pids.includes(stray.pid ?? 0),
  );
  const ended = new Promise((resolve) => stray.once('exit', (_, signal) => resolve(signal)));
  await up();
  expect(await ended).toBe('SIGKILL');
});

test('without its bridge, as after a reboot, a lab starts from nothing', async () => {
  await run('ip', ['link', 'delete', layout.bridge]);
  lab = await up();
  kubectl = kubectlOf(lab, 'default');
  expect(await kubectl('get', 'deployments', '-o', 'name')).toBe('');
  await rollOut('again');
});

test('a start that is killed half way can be repeated', async () => {
  await stopLab(env);
  const module = JSON.stringify(path.join(import.meta.dirname, '..', 'lab', 'lab.ts'));
  const reporter = JSON.stringify(
    path.join(import.meta.dirname, '..', 'lab', 'session', 'reporter.ts'),
  );
  const code = `
    const { startLab } = await import(${module});
    const { silentReporter } = await import(${reporter});
    await startLab({ env: process.env, reporter: silentReporter });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await eventually(
    async () => Object.keys((await readState(layout))?.daemons ?? {}),
    (names) => names.includes('kube-apiserver'),
  );
  child.kill('SIGKILL');
  await ended;
  expect(await isLabUp(env)).toBe(false);
  lab = await up();
  kubectl = kubectlOf(lab, 'default');
  await rollOut('hello');
});

/** What is on the machine that carries the lab's name or lies in its state folder. */
async function traces(): Promise<Record<string, unknown>> {
  const lines = async (file: string, args: string[]): Promise<string[]> =>
    (await run(file, args)).stdout.split('\n');
  const upper = layout.network.toUpperCase();
  const groups = readdirSync('/sys/fs/cgroup').map((name) =>
    path.join('/sys/fs/cgroup', name, layout.cgroup),
  );
  return {
    processes: markedProcesses(layout),
    mounts: mountsUnder(await readFile('/proc/mounts', 'utf8'), layout.state),
    links: (await lines('ip', ['link'])).filter((line) => line.includes(layout.bridge)),
    routes: (await lines('ip', ['route'])).filter((line) => line.includes(layout.bridge)),
    rules: (await lines('iptables-save', [])).filter((line) => line.includes(upper)),
    groups: groups.filter((group) => existsSync(group)),
    shims: (await lines('ps', ['-eo', 'args'])).filter((line) => line.includes(layout.state)),
    files: existsSync(layout.state),
    cni: existsSync('/var/lib/cni/results')
      ? readdirSync('/var/lib/cni/results').filter((name) => name.startsWith(layout.network))
      : [],
  };
}

const nothing = {
  ...{ processes: [], mounts: [], links: [], routes: [], rules: [], groups: [], shims: [] },
  ...{ files: false, cni: [] },
};

test('down leaves no process, mount, bridge, rule, group or file, with pods at work', async () => {
  expect(await traces()).not.toEqual(nothing);
  await stopLab(env);
  expect(await traces()).toEqual(nothing);
});

test('down after half a down, and without a record of what runs, still finds everything', async () => {
  lab = await up();
  kubectl = kubectlOf(lab, 'default');
  await rollOut('hello');
  await kill('kubelet', 'containerd');
  await rm(layout.stateFile);
  await stopLab(env);
  expect(await traces()).toEqual(nothing);
});

test('down where nothing is up is no error', async () => {
  await stopLab(env);
  expect(await isLabUp(env)).toBe(false);
});

test('the first lab has not noticed', async () => {
  const ready = await kubectlOf(first, 'default')('get', '--raw', '/readyz');
  expect(ready).toBe('ok');
  const state = await readState(layoutOf(process.env));
  expect(Object.values(state?.daemons ?? {}).every(isRunning)).toBe(true);
});
