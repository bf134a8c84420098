import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Entries } from './memory-transfer.ts';
import { goSum, moduleJobs, type ModuleJobs } from './module-jobs.ts';

let scratch: string;
let entries: Entries;
let jobs: ModuleJobs;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-modules-'));
  entries = new Map();
  jobs = moduleJobs(scratch, entries);
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

describe('modules', () => {
  test('that a small job saved first are completed by a larger one', async () => {
    const sum = goSum('a', 'b', 'c');
    await jobs.run('lint', sum, 'a');
    const build = await jobs.run('build', sum, 'a', 'b', 'c');
    // Nobody knows yet whether what lint saved is all that build needs.
    expect(build).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 2 });
    expect(build.saved).toMatchObject({ outcome: 'saved', files: 6 });
    const again = await jobs.run('build', sum, 'a', 'b', 'c');
    expect(again).toMatchObject({ modules: { outcome: 'restored', exact: true }, fetched: 0 });
    expect(again.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
    expect(await jobs.run('lint', sum, 'a')).toMatchObject({
      modules: { exact: true },
      fetched: 0,
    });
  });

  test('of a bumped dependency bring all others', async () => {
    await jobs.run('build', goSum('a', 'b'), 'a', 'b');
    const bumped = await jobs.run('build', goSum('a', 'c'), 'a', 'c');
    expect(bumped).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 1 });
    expect(bumped.saved).toMatchObject({ outcome: 'saved', files: 3 });
  });

  test('of another service are left alone when hardly any is needed', async () => {
    const others = Array.from({ length: 9 }, (_, index) => `other${index}`);
    await jobs.run('build', goSum('shared', ...others), 'shared', ...others);
    const { fetched, modules } = await jobs.run('build', goSum('shared', 'own'), 'shared', 'own');
    expect({ fetched, modules }).toMatchObject({
      ...{ fetched: 2, modules: { outcome: 'present', bytes: 0 } },
    });
  });

  test('of another service that hardly are needed are saved apart, and then all is there', async () => {
    const others = Array.from({ length: 9 }, (_, index) => `other${index}`);
    await jobs.run('build', goSum('shared', ...others), 'shared', ...others);
    const first = await jobs.run('small', goSum('shared'), 'shared');
    expect(first).toMatchObject({ fetched: 1, saved: { outcome: 'saved', files: 3 } });
    const next = await jobs.run('small', goSum('shared'), 'shared');
    expect(next).toMatchObject({ modules: { outcome: 'restored', exact: true }, fetched: 0 });
    expect(next.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
  });

  test('are not all there while one is missing for which a pack is not worth fetching', async () => {
    const others = Array.from({ length: 9 }, (_, index) => `other${index}`);
    const sum = goSum('a', ...others);
    await jobs.run('build', sum, 'a', ...others);
    const job = await jobs.of('build', sum);
    await jobs.download(job, ...others);
    const { modules, state } = await job.restore();
    expect(modules).toMatchObject({ outcome: 'present', exact: false });
    await jobs.download(job, 'a');
    expect(await job.save(state)).toMatchObject({ outcome: 'saved', files: 3 });
  });

  test('that a machine kept are not fetched', async () => {
    const sum = goSum('a', 'b');
    await jobs.run('build', sum, 'a', 'b');
    const job = await jobs.of('build', sum);
    await jobs.download(job, 'a', 'b');
    const { modules } = await job.restore();
    expect(modules).toMatchObject({ outcome: 'present', exact: true, bytes: 0 });
  });

  test('of tools that a job installs are there when it runs again, and not for others', async () => {
    const sum = goSum('a');
    await jobs.run('lint', sum, 'a', 'tool');
    const again = await jobs.run('lint', sum, 'a', 'tool');
    expect(again).toMatchObject({ modules: { exact: true }, fetched: 0 });
    expect(again.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
    // A bump of a dependency leaves the tool as it was.
    expect(await jobs.run('lint', goSum('b'), 'b', 'tool')).toMatchObject({ fetched: 1 });
  });

  test('of tools are in no entry when nothing checks them', async () => {
    const job = await jobs.of('lint', goSum('a'), { checksTools: false });
    const { state } = await job.restore();
    await jobs.download(job, 'a', 'tool');
    expect(await job.save(state)).toMatchObject({ outcome: 'saved', files: 3 });
  });

  test('that are private are in no entry', async () => {
    const job = await jobs.of('build', goSum('a', 'secret'), {
      privatePatterns: 'example.com/secret,example.com/hidden',
    });
    const { state } = await job.restore();
    // One that go.sum names, and a tool.
    await jobs.download(job, 'a', 'secret', 'hidden');
    expect(await job.save(state)).toMatchObject({ outcome: 'saved', files: 3 });
  });
});
