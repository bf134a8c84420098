import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { CacheService } from '../src/cache-service.ts';
import { restoreLayer } from '../src/layer-restore.ts';
import { packVersion } from '../src/pack.ts';
import {
  closeAll,
  connect,
  contents,
  layerAt,
  openScratch,
  ports,
  saveObjects,
  scratch,
  server,
} from './saved-layers.ts';

beforeEach(openScratch);
afterEach(closeAll);

describe('a service in trouble', () => {
  test('that is away costs one attempt', async () => {
    const service = await connect();
    await server.close();
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report).toMatchObject({ outcome: 'failed', files: 0 });
    expect(report.why).toContain('ECONNREFUSED');
  });

  test('that answers 503 once is asked again', async () => {
    const service = await connect();
    await saveObjects(service, 'k', 2, 100);
    server.failNext({ operation: 'GetCacheEntryDownloadURL', status: 503 });
    expect((await restoreLayer(ports, service, layerAt('back'), ['k'])).outcome).toBe('restored');
  });

  test.each(['GetCacheEntryDownloadURL', 'blob-get'] as const)(
    'that stays at 503 for %s is let be',
    async (operation) => {
      const service = await connect();
      await saveObjects(service, 'k', 2, 100);
      server.failNext({ operation, status: 503, times: 99 });
      const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
      expect(report).toMatchObject({ outcome: 'failed', files: 0 });
      expect(report.why).toContain('503');
    },
  );

  test('that says 429 is not asked again', async () => {
    const service = await connect();
    server.failNext({ operation: 'any', status: 429, retryAfterSeconds: 18, times: 9 });
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report.why).toContain('429');
    expect(server.stats().requests.GetCacheEntryDownloadURL).toBe(1);
  });

  test('that cuts a download is asked for the same range again', async () => {
    const service = await connect();
    await saveObjects(service, 'k');
    server.failNext({ operation: 'blob-get', skip: 1, dropAfterBytes: 5000 });
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report).toMatchObject({ outcome: 'restored', files: 40 });
  });

  test('that keeps cutting leaves only whole files', async () => {
    const service = await connect();
    await saveObjects(service, 'k');
    server.failNext({ operation: 'blob-get', skip: 1, dropAfterBytes: 5000, times: 99 });
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report.outcome).toBe('failed');
    expect(await contents(layerAt('saved').folder)).toMatchObject(
      await contents(layerAt('back').folder),
    );
  });

  test('that delivers one wrong bit has that frame refused', async () => {
    const service = await connect();
    await saveObjects(service, 'k');
    server.failNext({ operation: 'blob-get', skip: 1, corruptAtByte: 7000 });
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report).toMatchObject({ outcome: 'failed', why: 'a frame does not have its checksum' });
    expect(await contents(layerAt('saved').folder)).toMatchObject(
      await contents(layerAt('back').folder),
    );
  });

  test('that is slower than compiling is given up', async () => {
    const fast = await connect();
    await saveObjects(fast, 'k', 40, 100_000);
    const entry = await fast.find(['k'], packVersion);
    const slow: CacheService = { ...fast, find: () => Promise.resolve(entry) };
    const layer = { ...layerAt('back'), worthMs: () => 0 };
    server.failNext({ operation: 'blob-get', stallMs: 1200 });
    const report = await restoreLayer(ports, slow, layer, ['k']);
    // All of it came with the first range, so there is nothing left to give up.
    expect(report.outcome).toBe('restored');
    await saveObjects(fast, 'large', 60, 300_000);
    const large = await fast.find(['large'], packVersion);
    server.failNext({ operation: 'blob-get', stallMs: 1200 });
    const given = await restoreLayer(
      ports,
      { ...fast, find: () => Promise.resolve(large) },
      { ...layer, folder: path.join(scratch, 'back2') },
      ['large'],
    );
    expect(given.outcome).toBe('abandoned');
    expect(given.why).toMatch(/would take about \d+ s at this speed, doing without about 0 s/);
  });

  test('that fails while saving makes no entry', async () => {
    const service = await connect();
    server.failNext({ operation: 'block-put', status: 500, times: 99 });
    expect(await saveObjects(service, 'k', 2, 100)).toMatchObject({ outcome: 'failed' });
    expect(server.stats().entries).toEqual([]);
  });

  test('ends at once when the job is cancelled', async () => {
    const service = await connect({ downloadBytesPerSecond: 100_000 });
    await saveObjects(service, 'k');
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('cancelled')), 200);
    const restoring = restoreLayer({ ...ports, signal: cancel.signal }, service, layerAt('back'), [
      'k',
    ]);
    await expect(restoring).rejects.toThrow('cancelled');
  });
});
