import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { commitBlocks, putBlock } from '../src/blob.ts';
import { usedObjects } from '../src/build-layer.ts';
import type { CacheService } from '../src/cache-service.ts';
import { restoreLayer } from '../src/layer-restore.ts';
import { saveLayer } from '../src/layer-save.ts';
import { moduleLayer } from '../src/module-layer.ts';
import { encodeFrame, encodeHeader, packVersion } from '../src/pack.ts';
import {
  closeAll,
  connect,
  contents,
  fill,
  layerAt,
  openScratch,
  ports,
  saveObjects,
  scratch,
  server,
  startMs,
} from './saved-layers.ts';

beforeEach(openScratch);
afterEach(closeAll);

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
