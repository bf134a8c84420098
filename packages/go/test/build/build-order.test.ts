import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Exec } from '@slipway/exec';
import { fakeClock, fakeLog } from '@slipway/testing';
import {
  parseTarget,
  runBuilds,
  type BuildUnit,
  type BuiltUnit,
  type MainPackage,
} from '../../src/index.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-order-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const architectures = ['amd64', 'arm64', 'riscv64'];
const ports = architectures.map((goarch) => ({
  goos: 'linux',
  goarch,
  cgoSupported: true,
  firstClass: true,
}));
const main: MainPackage = {
  name: 'api',
  goName: 'api',
  sources: ['m/api'],
  importPath: 'm/api',
  dir: '/m/api',
  packages: ['m/api'],
  modules: [],
  cgoFor: undefined,
  files: [],
};
const units: BuildUnit[] = architectures.map((arch, index) => ({
  name: `linux/${arch}`,
  target: parseTarget(`linux/${arch}`, ports),
  mains: [main],
  cgo: false,
  args: [],
  env: { GOARCH: arch },
  // The largest is begun first: here the last of the plan.
  packageCount: index,
}));

/** Ends builds when told to, so that a test decides in which order. */
function heldBuilds() {
  const held = new Map<string, () => void>();
  const stopped: string[] = [];
  let begun = 0;
  const exec: Exec = async (_program, args, options) => {
    const arch = options?.addEnv?.['GOARCH'] ?? '';
    const outDir = args[args.indexOf('-o') + 1] ?? '';
    options?.signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      held.set(arch, resolve);
      begun += 1;
      options?.signal?.addEventListener('abort', () => {
        if (held.delete(arch)) stopped.push(arch);
        reject(options.signal?.reason as Error);
      });
    });
    writeFileSync(path.join(outDir, 'api'), 'program');
    return { exitCode: 0, stdout: '', stderr: '', durationMs: 1 };
  };
  /** Lets one build end, once all have begun. */
  const release = async (arch: string): Promise<void> => {
    while (begun < architectures.length) await new Promise((next) => setImmediate(next));
    const end = held.get(arch);
    held.delete(arch);
    end?.();
  };
  return { exec, stopped, release };
}

function run<Result>(
  exec: Exec,
  onBuilt: (built: BuiltUnit) => Promise<Result>,
  signal = new AbortController().signal,
): Promise<Result[]> {
  const parallelism = {
    builds: 3,
    actionsPerBuild: 1,
    memoryLimitBytes: 1e9,
    memoryBudgetBytes: 1e10,
  };
  const ports = { exec, log: fakeLog(), clock: fakeClock() };
  return runBuilds(ports, { dir: scratch, units, parallelism, scratch, signal, onBuilt });
}

describe('builds that run side by side', () => {
  test('are returned in the order of the plan, whichever ends first', async () => {
    const { exec, release } = heldBuilds();
    const ended: string[] = [];
    const running = run(exec, ({ unit }) => {
      ended.push(unit.name);
      return Promise.resolve(unit.name);
    });
    for (const arch of [...architectures].reverse()) {
      await release(arch);
      while (ended.at(-1) !== `linux/${arch}`) await new Promise((next) => setImmediate(next));
    }
    expect(await running).toEqual(units.map(({ name }) => name));
    expect(ended).toEqual(units.map(({ name }) => name).reverse());
  });

  test('are stopped when what follows one of them fails, and that failure is thrown', async () => {
    const { exec, stopped, release } = heldBuilds();
    const running = run(exec, ({ unit }) =>
      Promise.reject(new Error(`${unit.name} cannot be packed`)),
    );
    await release('arm64');
    await expect(running).rejects.toThrow('linux/arm64 cannot be packed');
    expect(stopped.sort()).toEqual(['amd64', 'riscv64']);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.work'))).toEqual([]);
  });

  test('do not end before what follows them is done, also when another fails', async () => {
    const { exec, release } = heldBuilds();
    const { promise: packing, resolve: packed } = Promise.withResolvers<string>();
    let settled = false;
    const running = run(exec, ({ unit }) =>
      unit.target.goarch === 'amd64' ? packing : Promise.reject(new Error('no disk')),
    );
    running.then(
      () => (settled = true),
      () => (settled = true),
    );
    await release('amd64');
    await release('arm64');
    for (let turn = 0; turn < 50; turn += 1) await new Promise((next) => setImmediate(next));
    expect(settled).toBe(false);
    packed('api.tar.gz');
    await expect(running).rejects.toThrow('no disk');
  });

  test('end with the reason of a cancel', async () => {
    const { exec, release } = heldBuilds();
    const cancel = new AbortController();
    const running = run(exec, ({ unit }) => Promise.resolve(unit), cancel.signal);
    await release('riscv64');
    cancel.abort(new Error('the job was cancelled'));
    await expect(running).rejects.toThrow('the job was cancelled');
  });
});
