import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { findMains, programName } from '../../src/index.ts';
import {
  build,
  exec,
  host,
  mainsOf,
  module,
  plan,
  planFor,
  stampedMain,
  targetOf,
} from './build-scene.ts';

// The standard library is compiled once for each target of these tests.
jest.setTimeout(300_000);

describe('the mains of a target', () => {
  test('are found behind patterns, without what build constraints leave out', async () => {
    const dir = module({
      'cmd/api/main.go': stampedMain,
      'cmd/wasm/main.go': `//go:build wasip1\n\n${stampedMain}`,
      'lib/lib.go': 'package lib\n',
    });
    expect((await mainsOf(dir)).mains.map(({ name }) => name)).toEqual(['api']);
    const named = await mainsOf(dir, 'linux/amd64', ['./cmd/api', './cmd/wasm']);
    expect(named.mains.map(({ name }) => name)).toEqual(['api']);
    expect(named.excluded).toEqual(['example.com/m/cmd/wasm']);
    expect((await mainsOf(dir, 'wasip1/wasm')).mains.map(({ name }) => name)).toEqual([
      'api',
      'wasm',
    ]);
  });

  test('named by a file are built as go builds them, and called by their folder', async () => {
    const dir = module({ 'main.go': stampedMain, 'other.go': 'package main\n\nfunc main() {}\n' });
    const search = {
      dir,
      patterns: ['main.go'],
      target: targetOf(host),
      cgo: 'auto' as const,
      tags: [],
    };
    const found = await findMains(exec, search);
    expect(found.mains).toMatchObject([{ name: path.basename(dir), sources: ['main.go'] }]);
    const named = await findMains(exec, { ...search, names: [{ of: undefined, name: 'tool' }] });
    const [unit] = await planFor(named);
    const [built] = await build(dir, unit === undefined ? [] : [unit]);
    const { stderr } = spawnSync(built?.programs[0]?.file ?? '', { encoding: 'utf8' });
    expect([built?.programs[0]?.name, stderr]).toEqual(['tool', 'v1.2.3\n']);
  });

  test('that Go calls the same are built in turn, each under the name of its service', async () => {
    const files = ['orders', 'stock'].map((name): [string, string] => [
      `services/${name}/cmd/server/main.go`,
      `package main\nfunc main() { println("${name}") }\n`,
    ]);
    const dir = module(Object.fromEntries(files));
    const units = await plan(dir, host);
    expect(units).toHaveLength(2);
    const programs = (await build(dir, units)).flatMap((built) => built.programs);
    expect(
      programs.map(({ name, file }) => [name, spawnSync(file, { encoding: 'utf8' }).stderr]),
    ).toEqual([
      ['orders', 'orders\n'],
      ['stock', 'stock\n'],
    ]);
  });

  test('take linker flags for a pattern beside those for all', async () => {
    const source =
      'package main\nvar version, edition string\nfunc main() { println(version, edition) }\n';
    const dir = module({ 'cmd/api/main.go': source });
    const units = await plan(dir, host, { goflags: '"-ldflags=all=-X main.edition=pro"' });
    const [built] = await build(dir, units);
    const { stderr } = spawnSync(built?.programs[0]?.file ?? '', { encoding: 'utf8' });
    expect(stderr).toBe('v1.2.3 pro\n');
  });

  test('are named as go build names them', () => {
    expect(programName('example.com/tool/v2')).toBe('tool');
    expect(programName('example.com/cmd/v1')).toBe('v1');
    expect(programName('example.com/cmd/api')).toBe('api');
  });

  test.each([
    [{ 'a/lib.go': 'package lib\n' }, ['./...'], /none of \.\/\.\.\. is a "package main"/],
    [
      { 'a/s/m.go': stampedMain, 'b/s/m.go': stampedMain },
      ['./...'],
      /both make a program named s/,
    ],
    [{ 'main.go': 'package main\nimport "example.com/none"\nfunc main() {}' }, ['.'], /main\.go:2/],
    [{ 'main.go': stampedMain }, ['./nowhere'], /nowhere/],
  ])('that cannot be had from %j are an error', async (files, patterns, message) => {
    await expect(
      mainsOf(module(files as unknown as Record<string, string>), 'linux/amd64', patterns),
    ).rejects.toThrow(message);
  });
});
