import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { planParallelism, runBuilds } from '../../src/index.ts';
import { build, exec, folder, host, module, plan, stampedMain } from './build-scene.ts';

// The standard library is compiled once for each target of these tests.
jest.setTimeout(300_000);

describe('a build', () => {
  const files = { 'cmd/one/main.go': stampedMain, 'cmd/two/main.go': stampedMain };

  test('makes all programs of a target with one go build, each with its stamp', async () => {
    const dir = module(files);
    const units = await plan(dir, host);
    expect(units).toHaveLength(1);
    const [built] = await build(dir, units);
    const printed = (built?.programs ?? []).map(({ file }) => spawnSync(file).stderr.toString());
    expect(printed).toEqual(['v1.2.3\n', 'v1.2.3\n']);
    expect(built?.programs.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('gives the same bytes in another folder and at another time', async () => {
    const sums = [];
    for (const nested of ['', 'deeper/still/']) {
      const dir = path.join(module({ [`${nested}go.mod`]: 'module example.com/m\n' }), nested);
      mkdirSync(path.join(dir, 'cmd/one'), { recursive: true });
      writeFileSync(path.join(dir, 'cmd/one/main.go'), stampedMain);
      const built = await build(dir, [
        ...(await plan(dir, 'linux/arm64')),
        ...(await plan(dir, 'windows/amd64')),
        ...(await plan(dir, 'wasip1/wasm')),
      ]);
      sums.push(
        built.flatMap(({ programs }) =>
          programs.map(({ file }) => createHash('sha256').update(readFileSync(file)).digest('hex')),
        ),
      );
    }
    expect(sums[0]).toHaveLength(3);
    expect(sums[1]).toEqual(sums[0]);
  });

  test('keeps the UUID that macOS wants in a program', async () => {
    const dir = module({ 'main.go': stampedMain });
    const [built] = await build(dir, await plan(dir, 'darwin/arm64'));
    const bytes = readFileSync(built?.programs[0]?.file ?? '');
    const commands = [];
    for (let index = 0, at = 32; index < bytes.readUInt32LE(16); index += 1) {
      commands.push(bytes.readUInt32LE(at));
      at += bytes.readUInt32LE(at + 4);
    }
    expect(commands).toContain(0x1b);
  });

  test('that fails names file and line, stops the others and leaves no work folder', async () => {
    const dir = module({
      ...files,
      'cmd/one/main.go': 'package main\n\nfunc main() {\n\tundefinedThing()\n}\n',
    });
    const out = folder('failing');
    const units = [...(await plan(dir, 'linux/amd64')), ...(await plan(dir, 'linux/arm64'))];
    const running = runBuilds(
      { exec, log: fakeLog(), clock: systemClock },
      {
        dir,
        units,
        parallelism: planParallelism({ cores: 2, memoryBytes: 4e9 }, 1),
        scratch: out,
        signal: new AbortController().signal,
        onBuilt: (built) => Promise.resolve(built),
      },
    );
    await expect(running).rejects.toMatchObject({
      name: 'BuildFailure',
      diagnostics: [
        {
          file: path.join(dir, 'cmd', 'one', 'main.go'),
          line: 4,
          message: 'undefined: undefinedThing',
        },
      ],
    });
    expect(readdirSync(out).filter((name) => name.endsWith('.work'))).toEqual([]);
  });

  test('that is cancelled rejects with the reason', async () => {
    const dir = module(files);
    const cancel = new AbortController();
    const log = fakeLog();
    const running = runBuilds(
      { exec, log, clock: systemClock },
      {
        dir,
        units: await plan(dir, 'linux/riscv64'),
        parallelism: planParallelism({ cores: 2, memoryBytes: 4e9 }, 1),
        scratch: folder('cancelled'),
        signal: cancel.signal,
        onBuilt: (built) => Promise.resolve(built),
      },
    );
    setImmediate(() => cancel.abort(new Error('the job was cancelled')));
    await expect(running).rejects.toThrow('the job was cancelled');
  });
});
