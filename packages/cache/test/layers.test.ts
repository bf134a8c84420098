import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpClient, type HttpClient } from '@slipway/http';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import {
  startCacheService,
  type CacheServer,
  type CacheServerOptions,
} from '../../../test/lab/cache-service/index.ts';
import { commitBlocks, putBlock } from '../src/blob.ts';
import { buildLayer, usedObjects } from '../src/build-layer.ts';
import type { CachePorts } from '../src/cache-ports.ts';
import { openCacheService, type CacheService } from '../src/cache-service.ts';
import { restoreLayer } from '../src/layer-restore.ts';
import { saveLayer } from '../src/layer-save.ts';
import { moduleLayer } from '../src/module-layer.ts';
import { encodeFrame, encodeHeader, packVersion } from '../src/pack.ts';

let scratch: string;
let server: CacheServer;
let http: HttpClient;
let ports: CachePorts;
const startMs = Date.now();

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-layers-'));
  http = createHttpClient({ env: {} });
});

afterEach(async () => {
  await server.close();
  await http.close();
  await fs.rm(scratch, { recursive: true, force: true });
});

/** Starts the service and connects to it as a job on main would. */
async function connect(
  options: CacheServerOptions = {},
  token = (running: CacheServer): string => running.runtimeToken('refs/heads/main'),
): Promise<CacheService> {
  server = await startCacheService(options);
  ports = {
    fetch: http.fetch,
    log: fakeLog(),
    clock: systemClock,
    env: server.environment(token(server)),
    signal: new AbortController().signal,
  };
  const access = openCacheService(ports);
  if ('unavailable' in access) throw new Error(access.unavailable);
  return access.service;
}

/** A layer that is worth any wait: how fast this machine is decides nothing here. */
const layerAt = (name: string) => ({
  ...buildLayer(path.join(scratch, name), { startMs, cores: 2 }),
  worthMs: () => Infinity,
});

/** A build cache of random objects; returns their paths. */
async function fill(folder: string, count: number, bytes: number): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const content = randomBytes(bytes);
    const id = createHash('sha256').update(content).digest('hex');
    const file = `${id.slice(0, 2)}/${id}-${i % 2 === 0 ? 'a' : 'd'}`;
    await fs.mkdir(path.join(folder, id.slice(0, 2)), { recursive: true });
    await fs.writeFile(path.join(folder, file), content);
    paths.push(file);
  }
  return paths;
}

async function saveObjects(service: CacheService, key: string, count = 40, bytes = 300_000) {
  const layer = layerAt('saved');
  await fill(layer.folder, count, bytes);
  const files = await usedObjects(layer.folder, startMs);
  return saveLayer(ports, service, layer, key, files);
}

const contents = async (folder: string): Promise<Record<string, string>> => {
  const names = await fs.readdir(folder, { recursive: true }).catch((): string[] => []);
  const pairs = await Promise.all(
    names.map(async (name) => {
      const data = await fs.readFile(path.join(folder, name)).catch(() => undefined);
      return data === undefined
        ? []
        : [[name, createHash('sha256').update(data).digest('hex')] as const];
    }),
  );
  return Object.fromEntries(pairs.flat());
};

describe('a layer', () => {
  test('comes back as it was saved, over several ranges', async () => {
    const service = await connect();
    expect(await saveObjects(service, 'build-1')).toMatchObject({ outcome: 'saved', files: 40 });
    const back = layerAt('back');
    const report = await restoreLayer(ports, service, back, ['build-1']);
    expect(report).toMatchObject({ outcome: 'restored', exact: true, files: 40 });
    expect(await contents(back.folder)).toEqual(await contents(layerAt('saved').folder));
    expect(server.stats().requests['blob-get']).toBeGreaterThan(1);
  });

  test('is found by prefix, the newest one first', async () => {
    const service = await connect();
    await saveObjects(service, 'build-x-1', 2, 100);
    await saveObjects(service, 'build-x-2', 2, 100);
    const keys = ['build-x-newest', 'build-y-', 'build-x-'];
    const report = await restoreLayer(ports, service, layerAt('back'), keys);
    expect(report).toMatchObject({ outcome: 'restored', key: 'build-x-2', exact: false });
  });

  test('does not touch files that are there already, so restoring twice is harmless', async () => {
    const service = await connect();
    await saveObjects(service, 'k', 4, 1000);
    const back = layerAt('back');
    await restoreLayer(ports, service, back, ['k']);
    const before = await contents(back.folder);
    const again = await restoreLayer(ports, service, back, ['k']);
    expect(again).toMatchObject({ outcome: 'restored', files: 0 });
    expect(await contents(back.folder)).toEqual(before);
  });

  test('of build results keeps exactly what the job used or made', async () => {
    const service = await connect();
    await saveObjects(service, 'k', 6, 100);
    const back = layerAt('back');
    const { paths } = await restoreLayer(ports, service, back, ['k']);
    expect(await usedObjects(back.folder, startMs)).toEqual([]);
    const now = new Date();
    const [used = ''] = paths;
    await fs.utimes(path.join(back.folder, used), now, now);
    const [made = ''] = await fill(back.folder, 1, 10);
    const kept = (await usedObjects(back.folder, startMs)).map((file) => file.path);
    expect(kept.sort()).toEqual([used, made].sort());
  });

  test('of build results takes nothing in that was changed after it was made', async () => {
    const service = await connect();
    const layer = layerAt('saved');
    const paths = await fill(layer.folder, 4, 100);
    const output = paths.find((file) => file.endsWith('-d')) ?? '';
    await fs.writeFile(path.join(layer.folder, output), randomBytes(100));
    const files = await usedObjects(layer.folder, startMs);
    expect(await saveLayer(ports, service, layer, 'k', files)).toMatchObject({ files: 3 });
  });

  test('is not packed at all when the key is taken', async () => {
    const service = await connect();
    await saveObjects(service, 'k', 2, 100);
    const uploads = server.stats().bytesReceived;
    expect((await saveObjects(service, 'k', 2, 100)).outcome).toBe('taken');
    expect(server.stats().bytesReceived).toBe(uploads);
  });

  test('is not saved with a read-only token, which is no failure', async () => {
    const service = await connect({}, (running) =>
      running.runtimeToken({ scope: 'refs/pull/1/merge', permission: 'read' }),
    );
    const report = await saveObjects(service, 'k', 2, 100);
    expect(report.outcome).toBe('denied');
    expect(server.stats()).toMatchObject({ writesDenied: 1, bytesReceived: 0 });
  });
});

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

describe('a hostile entry', () => {
  async function plant(service: CacheService, paths: readonly string[]): Promise<void> {
    const files = paths.map((name) => ({ path: name, content: Buffer.from('evil') }));
    const { info, body } = await encodeFrame(files, 'zstd');
    const header = encodeHeader({ files: files.length, rawBytes: info.rawBytes, frames: [info] });
    const reservation = await service.reserve('k', packVersion);
    if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
    await putBlock(ports, reservation.url, 0, Buffer.concat([header, body]));
    await commitBlocks(ports, reservation.url, [0]);
    await service.finalize('k', packVersion, header.length + body.length);
  }

  const hash = 'a'.repeat(64);

  test('writes nothing outside its layer', async () => {
    const service = await connect();
    await plant(service, [
      ...['../evil', '/tmp/slipway-evil', '.git/hooks/post-checkout', `aa/../../${hash}-d`],
      ...[`aa/${hash}-d/../../../evil`, `aa/${hash}-d.exe`, 'trim.txt', 'fuzz/x', `aa\\${hash}-d`],
      ...['pkg/mod/evil.go', ''],
    ]);
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report).toMatchObject({ outcome: 'restored', files: 0 });
    expect(await fs.readdir(scratch)).toEqual([]);
  });

  test('cannot bring a build result that is not the one of its name', async () => {
    const service = await connect();
    const evil = createHash('sha256').update('evil').digest('hex');
    await plant(service, [`aa/${hash}-d`, `${evil.slice(0, 2)}/${evil}-d`]);
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report).toMatchObject({ outcome: 'restored', files: 1, damaged: 1 });
    expect(Object.keys(await contents(layerAt('back').folder))).toEqual([
      `${evil.slice(0, 2)}/${evil}-d`,
    ]);
  });

  test('of modules cannot bring checksums, unpacked code or paths outside', async () => {
    const service = await connect();
    await plant(service, [
      'cache/download/example.com/m/@v/v1.0.0.ziphash',
      'example.com/m@v1.0.0/m.go',
      'cache/download/../../../x/@v/v1.zip',
      'cache/download/sumdb/sum.golang.org/latest',
      'cache/lock',
    ]);
    const layer = moduleLayer(path.join(scratch, 'back'));
    expect(await restoreLayer(ports, service, layer, ['k'])).toMatchObject({ files: 0 });
    expect(await fs.readdir(scratch)).toEqual([]);
  });

  test('does not write through a link that lies in the way', async () => {
    const service = await connect();
    await plant(service, [`aa/${hash}-d`]);
    const outside = path.join(scratch, 'outside');
    await fs.writeFile(outside, 'mine');
    const layer = layerAt('back');
    await fs.mkdir(path.join(layer.folder, 'aa'), { recursive: true });
    await fs.symlink(outside, path.join(layer.folder, `aa/${hash}-d`));
    await restoreLayer(ports, service, layer, ['k']);
    expect(await fs.readFile(outside, 'utf8')).toBe('mine');
  });

  test.each([
    ['no pack', Buffer.from('PK\u0003\u0004 a zip of the toolkit perhaps')],
    ['an empty pack', Buffer.alloc(12)],
    ['a header of two gigabytes', Buffer.from('SLIPPAK1\xff\xff\xff\x7f', 'latin1')],
    ['a header that is no zstd', Buffer.from('SLIPPAK1\x04\0\0\0abcd', 'latin1')],
  ])('that is %s is a failed restore and nothing worse', async (_, bytes) => {
    const service = await connect();
    const reservation = await service.reserve('k', packVersion);
    if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
    await putBlock(ports, reservation.url, 0, bytes);
    await commitBlocks(ports, reservation.url, [0]);
    await service.finalize('k', packVersion, bytes.length);
    const report = await restoreLayer(ports, service, layerAt('back'), ['k']);
    expect(report).toMatchObject({ outcome: 'failed', files: 0 });
  });
});
