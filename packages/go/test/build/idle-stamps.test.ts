import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idleStamps, type MainPackage } from '../../src/index.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'slipway-stamps-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function mainOf(name: string, source: string): Promise<MainPackage> {
  const file = path.join(dir, `${name}.go`);
  await writeFile(file, `package main\n\n${source}\n`);
  const importPath = `example.com/shop/cmd/${name}`;
  return {
    importPath,
    name,
    goName: name,
    sources: [importPath],
    dir,
    cgoFor: undefined,
    files: [file],
    packages: [importPath, 'example.com/shop/internal/build', 'gopkg.in/yaml.v3', 'fmt'],
    modules: [],
  };
}

async function idle(...variables: readonly string[]): Promise<readonly string[]> {
  const mains = [await mainOf('api', 'var version string'), await mainOf('worker', 'var port = 1')];
  const stamps = variables.map((variable) => ({ variable, value: 'v1', told: true }));
  return (await idleStamps(mains, stamps)).map(({ variable }) => variable);
}

// golang/go#29481, golang/go#24890: the linker takes every name and says nothing.
describe('a stamp is idle', () => {
  test.each([
    ['when no main has a string of that name', 'main.Version'],
    ['when what has that name is no string', 'main.port'],
    ['when its package is given by its name alone', 'build.Version'],
    ['when no program is linked from its package', 'example.com/shop/build.Version'],
    [
      'when a main is given by its import path, which the linker calls main',
      `example.com/shop/cmd/api.version`,
    ],
  ])('%s', async (_, variable) => {
    expect(await idle(variable)).toEqual([variable]);
  });
});

test('a stamp that one of several mains takes is not idle', async () => {
  const taken = ['main.version', 'example.com/shop/internal/build.Version', 'gopkg.in/yaml.v3.Tag'];
  expect(await idle(...taken)).toEqual([]);
});
