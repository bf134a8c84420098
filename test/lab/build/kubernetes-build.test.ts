import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { runGo } from './go-build.ts';
import { buildKubernetes } from './kubernetes-build.ts';

// A small program in the place of Kubernetes: what is told of a build does not depend on its size.
jest.setTimeout(300_000);

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-build-'));
  await writeFile(path.join(folder, 'go.mod'), 'module example.com/small\n\ngo 1.26.0\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Told {
  total: number;
  counts: number[];
  linked: boolean;
}

async function build(output: string): Promise<Told> {
  const told: Told = { total: 0, counts: [], linked: false };
  const env = { ...process.env, CGO_ENABLED: '0' };
  await buildKubernetes({ folder, version: '1.2.3', env }, output, {
    onModule: () => undefined,
    onPackage: (done, total) => {
      told.total = total;
      told.counts.push(done);
    },
    onLink: () => {
      told.linked = true;
    },
  });
  return told;
}

/** Packages that no build cache has, as all of Kubernetes on a machine that is new to it. */
async function writeStalePackages(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.join(folder, name));
    const source = `package ${name}\n\nconst Value = "${randomUUID()}"\n`;
    await writeFile(path.join(folder, name, `${name}.go`), source);
  }
  const imports = names.map((name) => `import "example.com/small/${name}"`).join('\n');
  const used = names.map((name) => `${name}.Value`).join(' + ');
  const main = `func main() { _ = ${used}; println("built") }`;
  await writeFile(path.join(folder, 'main.go'), `package main\n\n${imports}\n\n${main}\n`);
}

test('a build counts its packages up to the number it foretold, and one that goes on counts only what is left', async () => {
  const output = path.join(folder, 'program');
  await writeStalePackages(['one', 'two', 'three', 'four']);
  const cold = await build(output);
  expect(cold.total).toBeGreaterThanOrEqual(5);
  expect(cold.counts).toEqual([...cold.counts].sort((a, b) => a - b));
  expect(cold.counts.at(-1)).toBe(cold.total);
  expect(cold.linked).toBe(true);
  const { stderr } = await promisify(execFile)(output);
  expect(stderr).toBe('built\n');
  await writeFile(
    path.join(folder, 'main.go'),
    `package main\n\nfunc main() { println("${randomUUID()}") }\n`,
  );
  const warm = await build(output);
  expect(warm.total).toBe(1);
});

test('a build that fails says where and why, in the words of go', async () => {
  await writeFile(path.join(folder, 'main.go'), 'package main\n\nfunc main() { missing() }\n');
  await expect(build(path.join(folder, 'program'))).rejects.toThrow(
    /go build in .* failed:\n(.*\n)*.*main\.go:3:15: undefined: missing/,
  );
});

test('go runs below everything else on the machine', async () => {
  // In the place of go: it ends once its own niceness is that of work which can wait.
  const lowered = 'until [ "$(ps -o ni= -p $$)" -ge 10 ]; do :; done; echo lowered';
  await writeFile(path.join(folder, 'go'), `#!/bin/sh\n${lowered}\n`, { mode: 0o755 });
  const env = { PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` };
  expect(await runGo({ args: ['version'], cwd: folder, env })).toBe('lowered\n');
});
