import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@slipway/runtime';
import { restoreGoCaches, type GoCachePlan, type GoCacheState } from '../src/go-caches.ts';
import { saveGoCaches } from '../src/go-caches-save.ts';
import { memoryTransfer, type Entries } from './memory-transfer.ts';

let scratch: string;
let entries: Entries;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-modules-'));
  entries = new Map();
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

/** A job on a machine that kept nothing. */
async function jobOf(name: string, goSum: string, given: Partial<GoCachePlan> = {}) {
  const folder = await fs.mkdtemp(path.join(scratch, 'job-'));
  const file = path.join(folder, 'go.sum');
  await fs.writeFile(file, goSum);
  const moduleFolder = path.join(folder, 'mod');
  const ports = { clock: systemClock, transfer: memoryTransfer(entries, folder) };
  return {
    moduleFolder,
    restore: async () => {
      const { reports, state } = await restoreGoCaches(ports, {
        ...{ moduleFolder, buildFolder: path.join(folder, 'build'), tempDir: folder },
        ...{ cachesBuild: false, restores: true, privatePatterns: '', checksTools: true },
        goSums: [{ file, name: 'go.sum', text: goSum }],
        build: {
          ...{ os: 'linux', arch: 'amd64', goVersion: '1.26.8', settings: {}, job: name },
          trust: { saves: 'open', restores: [] },
        },
        ...given,
      });
      return { modules: reports.find(({ layer }) => layer === 'modules'), state };
    },
    save: async (state: GoCacheState) =>
      (await saveGoCaches(ports, state)).find(({ layer }) => layer === 'modules'),
  };
}

/** A go.sum that names these modules, all of version v1.0.0. */
const goSum = (...names: string[]): string =>
  names.map((name) => `example.com/${name} v1.0.0 h1:${name}=\n`).join('');

/** Downloads modules as the go command does; those that are there stay. Returns how many it fetched. */
async function download(
  { moduleFolder }: { moduleFolder: string },
  ...names: string[]
): Promise<number> {
  let fetched = 0;
  for (const name of names) {
    const folder = path.join(moduleFolder, 'cache/download/example.com', name, '@v');
    await fs.mkdir(folder, { recursive: true });
    const zip = path.join(folder, 'v1.0.0.zip');
    if (await fs.stat(zip).catch(() => undefined)) continue;
    fetched += 1;
    await fs.writeFile(zip, randomBytes(200_000));
    await fs.writeFile(path.join(folder, 'v1.0.0.mod'), `module example.com/${name}\n`);
    await fs.writeFile(path.join(folder, 'v1.0.0.info'), '{"Version":"v1.0.0"}');
  }
  return fetched;
}

/** A whole job: restores, downloads what it needs, saves. */
async function run(name: string, sum: string, ...needed: string[]) {
  const job = await jobOf(name, sum);
  const { modules, state } = await job.restore();
  const fetched = await download(job, ...needed);
  return { modules, fetched, saved: await job.save(state) };
}

describe('modules', () => {
  test('that a small job saved first are completed by a larger one', async () => {
    const sum = goSum('a', 'b', 'c');
    await run('lint', sum, 'a');
    const build = await run('build', sum, 'a', 'b', 'c');
    // Nobody knows yet whether what lint saved is all that build needs.
    expect(build).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 2 });
    expect(build.saved).toMatchObject({ outcome: 'saved', files: 6 });
    const again = await run('build', sum, 'a', 'b', 'c');
    expect(again).toMatchObject({ modules: { outcome: 'restored', exact: true }, fetched: 0 });
    expect(again.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
    expect(await run('lint', sum, 'a')).toMatchObject({ modules: { exact: true }, fetched: 0 });
  });

  test('of a bumped dependency bring all others', async () => {
    await run('build', goSum('a', 'b'), 'a', 'b');
    const bumped = await run('build', goSum('a', 'c'), 'a', 'c');
    expect(bumped).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 1 });
    expect(bumped.saved).toMatchObject({ outcome: 'saved', files: 3 });
  });

  test('of another service are left alone when hardly any is needed', async () => {
    const others = Array.from({ length: 9 }, (_, index) => `other${index}`);
    await run('build', goSum('shared', ...others), 'shared', ...others);
    const { fetched, modules } = await run('build', goSum('shared', 'own'), 'shared', 'own');
    expect({ fetched, modules }).toMatchObject({
      ...{ fetched: 2, modules: { outcome: 'present', bytes: 0 } },
    });
  });

  test('that a machine kept are not fetched', async () => {
    const sum = goSum('a', 'b');
    await run('build', sum, 'a', 'b');
    const job = await jobOf('build', sum);
    await download(job, 'a', 'b');
    const { modules } = await job.restore();
    expect(modules).toMatchObject({ outcome: 'present', exact: true, bytes: 0 });
  });

  test('of tools that a job installs are there when it runs again, and not for others', async () => {
    const sum = goSum('a');
    await run('lint', sum, 'a', 'tool');
    const again = await run('lint', sum, 'a', 'tool');
    expect(again).toMatchObject({ modules: { exact: true }, fetched: 0 });
    expect(again.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
    // A bump of a dependency leaves the tool as it was.
    expect(await run('lint', goSum('b'), 'b', 'tool')).toMatchObject({ fetched: 1 });
  });

  test('of tools are in no entry when nothing checks them', async () => {
    const job = await jobOf('lint', goSum('a'), { checksTools: false });
    const { state } = await job.restore();
    await download(job, 'a', 'tool');
    expect(await job.save(state)).toMatchObject({ outcome: 'saved', files: 3 });
  });

  test('that are private are in no entry', async () => {
    const job = await jobOf('build', goSum('a', 'secret'), {
      privatePatterns: 'example.com/secret,example.com/hidden',
    });
    const { state } = await job.restore();
    // One that go.sum names, and a tool.
    await download(job, 'a', 'secret', 'hidden');
    expect(await job.save(state)).toMatchObject({ outcome: 'saved', files: 3 });
  });
});
