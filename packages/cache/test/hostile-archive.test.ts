import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { startMachine, type CacheMachine } from './cache-machine.ts';

const run = promisify(execFile);
let machine: CacheMachine;
afterEach(() => machine.close());

/** Saves an archive as any program with the token of a job can: past @actions/cache, under a key of ours. */
async function plant(key: string, archive: Buffer): Promise<void> {
  const version = createHash('sha256').update('slipway|zstd-without-long|1.0').digest('hex');
  const { ACTIONS_CACHE_URL: url = '', ACTIONS_RUNTIME_TOKEN: token = '' } = machine.env;
  const call = async (method: string, resource: string, body: Buffer | object, range?: string) => {
    const response = await fetch(`${url}_apis/artifactcache/${resource}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(range === undefined ? {} : { 'content-range': range }),
      },
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
    return response.text();
  };
  const { cacheId } = JSON.parse(await call('POST', 'caches', { key, version })) as {
    cacheId: number;
  };
  await call('PATCH', `caches/${cacheId}`, archive, `bytes 0-${archive.length - 1}/*`);
  await call('POST', `caches/${cacheId}`, { size: archive.length });
}

test('an archive with paths and links out of its folder writes nothing outside', async () => {
  machine = await startMachine({ version: 1 });
  const job = await machine.job('test');
  const { state } = await job.restore();
  const outside = path.join(machine.scratch, 'outside');
  const made = path.join(machine.scratch, 'made');
  await fs.mkdir(outside);
  await fs.mkdir(made);
  await fs.writeFile(path.join(made, 'a'), 'evil');
  await fs.symlink(outside, path.join(made, 'b'));
  await fs.symlink('..', path.join(made, 'c'));
  const archive = path.join(machine.scratch, 'evil.tzst');
  const rename = (from: string, to: string): string => `--transform=s|^${from}$|${to}|`;
  for (const [file, to] of [
    ...[
      ['a', `${outside}/absolute`],
      ['a', '../../../outside/upwards'],
    ],
    ...[
      ['b', 'slipway/link'],
      ['c', 'slipway/up'],
      ['a', 'slipway/link/through'],
    ],
    ['a', 'slipway/up/../outside/through'],
  ] as const)
    await run('tar', ['-rPf', `${archive}.tar`, '-C', made, rename(file, to), file]);
  await run('zstd', ['-q', '-o', archive, `${archive}.tar`]);
  await plant(`${state.build.manifestPrefix}1`, await fs.readFile(archive));
  const victim = await machine.job('test');
  const { build } = await victim.restore();
  expect(build?.outcome).toBe('failed');
  expect(await fs.readdir(outside)).toEqual([]);
  expect((await fs.readdir(victim.plan.tempDir)).sort()).toEqual([
    ...[expect.stringMatching(/^slipway-cache-/), expect.stringMatching(/^slipway-packs-/)],
    expect.stringMatching(/^slipway-packs-/),
  ]);
});

test('without GNU tar, which alone can be kept in its folder, nothing is fetched', async () => {
  machine = await startMachine({ version: 1 });
  const bin = path.join(machine.scratch, 'bin');
  await fs.mkdir(bin);
  await fs.writeFile(path.join(bin, 'tar'), '#!/bin/sh\necho bsdtar 3.7\n', { mode: 0o755 });
  machine.env['PATH'] = `${bin}:${process.env['PATH'] ?? ''}`;
  const { build } = await (await machine.job('test')).restore();
  expect(build).toMatchObject({
    ...{ outcome: 'failed', why: expect.stringMatching(/GNU tar alone, and tar is another/) },
  });
  expect(machine.server.stats().requests).toEqual({});
});
