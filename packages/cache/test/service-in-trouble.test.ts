import { afterEach, describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { compile, contents, startMachine, type CacheMachine, type Job } from './cache-machine.ts';

let machine: CacheMachine;
afterEach(() => machine.close());

/** Saves a build cache that took so long to make. */
async function saved(
  given: { bytes?: number; tookMs?: number } = {},
): Promise<{ first: Job; next: Job }> {
  const first = await machine.job('test');
  const { state } = await first.restore();
  await compile(first.plan.buildFolder, { objects: 10, bytes: 100_000, ...given });
  expect((await first.save(state))[0]).toMatchObject({ outcome: 'saved' });
  return { first, next: await machine.job('test') };
}

describe.each([1, 2] as const)('a service of version %i', (version) => {
  const find = version === 1 ? 'v1-find' : 'GetCacheEntryDownloadURL';

  test('that is away costs nothing but the cache', async () => {
    machine = await startMachine({ version });
    const job = await machine.job('test');
    await machine.server.close();
    const { build, state } = await job.restore();
    expect(build).toMatchObject({ outcome: expect.stringMatching(/failed|abandoned/) });
    await compile(job.plan.buildFolder, { objects: 2, bytes: 1_000 });
    const [report] = await job.save(state);
    expect(report?.why).toContain('restoring was given up');
  });

  test('that never answers a look-up is given up', async () => {
    machine = await startMachine({ version });
    const { next } = await saved();
    machine.server.failNext({ operation: find, silent: true, times: 99 });
    expect((await next.restore()).build).toMatchObject({
      ...{ outcome: 'abandoned', why: 'looking for an entry: nothing was heard for 6 s' },
    });
  });

  test('that never sends an archive is given up', async () => {
    machine = await startMachine({ version });
    const { next } = await saved();
    machine.server.failNext({ operation: 'blob-get', skip: 1, silent: true, times: 99 });
    expect((await next.restore()).build).toMatchObject({ outcome: 'abandoned', files: 0 });
  });

  test('that crawls is given up for what would be compiled sooner', async () => {
    machine = await startMachine({ version, downloadBytesPerSecond: 300_000 });
    const { next } = await saved({ bytes: 1_000_000, tookMs: 10_000 });
    const { build } = await next.restore();
    expect(build).toMatchObject({ outcome: 'abandoned', files: 0 });
    expect(build?.why).toMatch(/would take about \d+ s at this speed, doing without takes about/);
    expect(await contents(next.plan.buildFolder)).toEqual({});
  });

  test('that is slow is waited for when compiling took longer', async () => {
    machine = await startMachine({ version, downloadBytesPerSecond: 300_000 });
    const { next } = await saved({ tookMs: 300_000 });
    expect((await next.restore()).build).toMatchObject({ outcome: 'restored', files: 20 });
  });

  test('that delivers one wrong bit has nothing half used', async () => {
    machine = await startMachine({ version });
    const { first, next } = await saved();
    machine.server.failNext({ operation: 'blob-get', skip: 1, corruptAtByte: 70_000, times: 9 });
    const { build } = await next.restore();
    expect(build).toMatchObject({ outcome: expect.stringMatching(/failed|partial/) });
    expect(build).toMatchObject({ broken: 'entry' });
    const right = await contents(first.plan.buildFolder);
    expect(right).toMatchObject(await contents(next.plan.buildFolder));
  });

  test('that lost a pack costs that pack alone', async () => {
    machine = await startMachine({ version });
    const { next } = await saved();
    const { state } = await next.restore();
    const paths = Object.keys(await contents(next.plan.buildFolder));
    const now = new Date();
    for (const file of paths) await fs.utimes(path.join(next.plan.buildFolder, file), now, now);
    await compile(next.plan.buildFolder, { objects: 3, bytes: 1_000_000 });
    await next.save(state);
    const [oldest] = machine.server.stats().entries.filter(({ key }) => key.includes('-pack-'));
    machine.server.evict(oldest?.key ?? '');
    const third = await machine.job('test');
    const restored = await third.restore();
    expect(restored.build).toMatchObject({
      ...{ outcome: 'partial', files: 6, why: 'an entry is no longer there' },
    });
    // What was made again is saved again, beside what is there still.
    await compile(third.plan.buildFolder, { objects: 2, bytes: 1_000_000 });
    const [report] = await third.save(restored.state);
    expect(report).toMatchObject({ outcome: 'saved' });
  });

  test('whose token only reads has nothing saved, which is no failure', async () => {
    machine = await startMachine({ version });
    const token = machine.server.runtimeToken({ scope: 'refs/pull/1/merge', permission: 'read' });
    Object.assign(machine.env, machine.server.environment(token, version));
    const job = await machine.job('test');
    const { state } = await job.restore();
    await compile(job.plan.buildFolder, { objects: 2, bytes: 1_000 });
    expect((await job.save(state))[0]).toMatchObject({ outcome: 'denied' });
    expect(machine.server.stats().entries).toEqual([]);
  });

  test('that takes no reservation is let be', async () => {
    machine = await startMachine({ version });
    const reserve = version === 1 ? 'v1-reserve' : 'CreateCacheEntry';
    machine.server.failNext({ operation: reserve, silent: true, times: 99 });
    const job = await machine.job('test');
    const { state } = await job.restore();
    await compile(job.plan.buildFolder, { objects: 2, bytes: 1_000 });
    const [report] = await job.save(state);
    expect(report).toMatchObject({
      ...{ outcome: 'failed', why: 'saving: nothing was heard for 8 s' },
    });
  });

  test('to which sending takes longer than compiling again is sent nothing', async () => {
    machine = await startMachine({ version, uploadBytesPerSecond: 200_000 });
    const job = await machine.job('test');
    const { state } = await job.restore();
    await compile(job.plan.buildFolder, { objects: 10, bytes: 1_000_000, tookMs: 8_000 });
    const [report] = await job.save(state);
    expect(report?.outcome).toBe('failed');
    // Buffers on the way may take so much that it looks silent rather than slow.
    expect(report?.why).toMatch(/^saving(?: .* would take about \d+ s|: nothing was heard)/);
    expect(machine.server.stats().entries).toEqual([]);
  });
});

test('a rate limit is not asked again, and told', async () => {
  machine = await startMachine();
  const job = await machine.job('test');
  machine.server.failNext({ operation: 'any', status: 429, retryAfterSeconds: 18, times: 9 });
  const { build } = await job.restore();
  expect(build?.outcome).toBe('failed');
  expect(build?.why).toContain('rate limit');
  expect(machine.server.stats().requests.GetCacheEntryDownloadURL).toBe(1);
});

test('a cancelled job waits for no cache', async () => {
  machine = await startMachine();
  const job = await machine.job('test');
  const cancel = new AbortController();
  machine.signal = cancel.signal;
  machine.server.failNext({ operation: 'any', silent: true, times: 9 });
  const restoring = job.restore();
  machine.server.whenAsked('GetCacheEntryDownloadURL', () => cancel.abort(new Error('cancelled')));
  await expect(restoring).rejects.toThrow('cancelled');
});

test('a job that is ended while it saves leaves no half entry', async () => {
  machine = await startMachine();
  const job = await machine.job('test');
  const { state } = await job.restore();
  await compile(job.plan.buildFolder, { objects: 2, bytes: 1_000 });
  const cancel = new AbortController();
  machine.signal = cancel.signal;
  machine.server.failNext({ operation: 'blob-put', silent: true });
  machine.server.whenAsked('blob-put', () => cancel.abort(new Error('cancelled')));
  await expect(job.save(state)).rejects.toThrow('cancelled');
  expect(machine.server.stats().entries).toEqual([]);
  machine.signal = new AbortController().signal;
  const next = await machine.job('test');
  expect((await next.restore()).build).toMatchObject({ outcome: 'miss' });
});
