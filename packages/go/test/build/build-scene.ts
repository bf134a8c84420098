import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import {
  chooseStamps,
  findMains,
  parseTarget,
  planParallelism,
  planTarget,
  readGoFlags,
  readPorts,
  runBuilds,
  type BuildUnit,
  type GoPort,
} from '../../src/index.ts';

export const stampedMain = 'package main\nvar version = "dev"\nfunc main() { println(version) }\n';

/** The target that this machine runs. */
export const host = `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;

const signal = new AbortController().signal;
// A go.env of the machine must not decide what these tests see.
export const exec = systemExec({
  log: fakeLog(),
  env: { ...process.env, GOENV: 'off', GOFLAGS: '', CGO_ENABLED: '' },
});

let scratch: string;
let ports: GoPort[];
beforeAll(async () => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-build-test-'));
  ports = await readPorts(exec);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A new folder, removed after the last test of the file. */
export const folder = (name: string): string => mkdtempSync(path.join(scratch, `${name}-`));

export const targetOf = (name: string) => parseTarget(name, ports);

/** A module `example.com/m` of these files. */
export function module(files: Readonly<Record<string, string>>): string {
  const dir = folder('module');
  for (const [name, text] of Object.entries({ 'go.mod': 'module example.com/m\n', ...files })) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

export function mainsOf(
  dir: string,
  target = 'linux/amd64',
  patterns: readonly string[] = ['./...'],
) {
  return findMains(exec, {
    dir,
    patterns,
    target: targetOf(target),
    cgo: 'auto',
    tags: [],
  });
}

export async function plan(
  dir: string,
  target: string,
  settings: { version?: string; ldflags?: string; goflags?: string; stamps?: string[] } = {},
): Promise<BuildUnit[]> {
  return planFor(await mainsOf(dir, target), settings);
}

export async function planFor(
  mains: Awaited<ReturnType<typeof mainsOf>>,
  settings: Parameters<typeof plan>[2] = {},
): Promise<BuildUnit[]> {
  const source = {
    commit: 'c0ffee',
    epochSeconds: 0,
    dirty: false,
    changes: [],
    notStamped: 'a test',
  };
  return planTarget(
    mains,
    {
      source,
      stamps: chooseStamps(settings.stamps, { version: settings.version ?? 'v1.2.3', source }),
      cgo: 'auto',
      ldflags: settings.ldflags ?? '',
      tags: [],
      goFlags: readGoFlags(settings.goflags ?? ''),
    },
    undefined,
  );
}

export function build(dir: string, units: readonly BuildUnit[], log = fakeLog()) {
  return runBuilds(
    { exec, log, clock: systemClock },
    {
      dir,
      units,
      parallelism: planParallelism({ cores: 2, memoryBytes: 4e9 }, units.length),
      scratch: folder('out'),
      signal,
      onBuilt: (built) => Promise.resolve(built),
    },
  );
}
