import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { memoryTransfer, type Entries } from './memory-transfer.ts';
import { goSum, moduleJobs, type ModuleJobs } from './module-jobs.ts';

let scratch: string;
let entries: Entries;
let jobs: ModuleJobs;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-lost-'));
  entries = new Map();
  jobs = moduleJobs(scratch, entries);
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

const sum = goSum('a', 'b');
const keyOf = (kind: string): string =>
  [...entries.keys()].find((key) => key.startsWith(`slipway-${kind}-`)) ?? '';

/** Lets every file of an entry begin with other bytes. */
function damage(key: string): void {
  const files = [...(entries.get(key) ?? [])];
  entries.set(key, new Map(files.map(([name]) => [name, Buffer.from('{')])));
}

describe.each([
  ['a pack that is gone', () => entries.delete(keyOf('pack'))],
  ['a pack without an index', () => entries.set(keyOf('pack'), new Map())],
  ['a pack whose files are damaged', () => damage(keyOf('pack'))],
  ['a damaged manifest', () => damage(keyOf('modules'))],
])('%s', (_, harm) => {
  test('costs one run, which saves anew what was lost', async () => {
    await jobs.run('build', sum, 'a', 'b');
    harm();
    const hit = await jobs.run('build', sum, 'a', 'b');
    expect(hit).toMatchObject({ modules: { outcome: 'failed', exact: false, broken: 'entry' } });
    expect(hit).toMatchObject({ fetched: 2, saved: { outcome: 'saved' } });
    const mended = await jobs.run('build', sum, 'a', 'b');
    expect(mended).toMatchObject({ modules: { outcome: 'restored', exact: true }, fetched: 0 });
    expect(mended.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
  });
});

test('one damaged file of a pack is saved anew together with the rest of it', async () => {
  await jobs.run('build', sum, 'a', 'b');
  await jobs.run('other', sum, 'a', 'b');
  const pack = keyOf('pack');
  const files = [...(entries.get(pack) ?? [])];
  const zip = files.findIndex(([, content]) => content.length === 200_000);
  entries.set(pack, new Map(files.filter((_, index) => index !== zip)));
  const hit = await jobs.run('build', sum, 'a', 'b');
  expect(hit).toMatchObject({ modules: { outcome: 'partial', damaged: 1 }, fetched: 1 });
  expect(hit.saved).toMatchObject({ outcome: 'saved', files: 6 });
  // Who ran before did not find out yet whether that is all that it needs.
  const other = await jobs.run('other', sum, 'a', 'b');
  expect(other).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 0 });
});

test('a service in trouble is sent nothing', async () => {
  await jobs.run('build', sum, 'a', 'b');
  const job = await jobs.of('build', sum, {}, (folder) => ({
    ...memoryTransfer(entries, folder),
    fetch: () => Promise.resolve({ kind: 'failed', why: 'HTTP 503' }),
  }));
  const { modules, state } = await job.restore();
  expect(modules).toMatchObject({ outcome: 'failed', broken: 'service' });
  await jobs.download(job, 'a', 'b');
  expect((await job.save(state))?.why).toContain('restoring was given up (HTTP 503)');
});
