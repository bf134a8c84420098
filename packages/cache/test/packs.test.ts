import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildLayer, moduleLayer, usedObjects, type Layer } from '../src/layer/index.ts';
import { indexName, packFiles, packIndex, placeFiles, readManifest } from '../src/pack/index.ts';
import { compile, contents } from './cache-machine.ts';

let scratch: string;
let arrivals: string;
const startMs = Date.now();
const key = 'slipway-pack-v3-open-0';

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-packs-'));
  arrivals = path.join(scratch, 'arrivals');
  await fs.mkdir(arrivals);
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

const builds = (name: string): Layer => buildLayer(path.join(scratch, name), { startMs });

/** Packs all objects of a layer straight into the arrivals. */
async function pack(layer: Layer) {
  const files = packFiles(layer, await usedObjects(layer.folder, startMs), arrivals);
  await fs.writeFile(path.join(arrivals, indexName(key)), packIndex(files));
  return files;
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** An entry as a stranger may write it: any path, any content. */
async function plant(files: readonly { path: string; text: string; sha256?: string }[]) {
  const rows = files.map((file) => ({
    ...{ path: file.path, sha256: file.sha256 ?? sha256(file.text), bytes: file.text.length },
    inline: Buffer.from(file.text).toString('base64'),
  }));
  await fs.writeFile(path.join(arrivals, indexName(key)), packIndex(rows));
}

describe('a pack', () => {
  test('brings every file to its place, with the time that tells used ones later', async () => {
    const from = builds('from');
    await compile(from.folder, { objects: 10, bytes: 5_000 });
    expect(await pack(from)).toHaveLength(20);
    const to = builds('to');
    expect(placeFiles(to, arrivals, key)).toMatchObject({ files: 20, damaged: 0 });
    expect(await contents(to.folder)).toEqual(await contents(from.folder));
    expect(await usedObjects(to.folder, startMs)).toEqual([]);
  });

  test('leaves alone what is there already, so placing it twice is harmless', async () => {
    const from = builds('from');
    await compile(from.folder, { objects: 3, bytes: 5_000 });
    await pack(from);
    const to = builds('to');
    placeFiles(to, arrivals, key);
    const again = placeFiles(to, arrivals, key);
    expect(again).toMatchObject({ files: 0, damaged: 0 });
    expect(again.paths).toHaveLength(6);
  });

  test('has equal text for equal files, in whatever order they were found', async () => {
    const from = builds('from');
    await compile(from.folder, { objects: 5, bytes: 100 });
    const files = await pack(from);
    expect(packIndex([...files].reverse())).toBe(packIndex(files));
  });

  test('takes nothing in that was changed after it was made', async () => {
    const from = builds('from');
    const paths = await compile(from.folder, { objects: 2, bytes: 5_000 });
    const output = paths.find((file) => file.endsWith('-d')) ?? '';
    await fs.writeFile(path.join(from.folder, output), Buffer.alloc(5_000));
    expect(await pack(from)).toHaveLength(3);
  });

  test.each(['-d', '-a'])(
    'of which a bit of a file %s flipped lacks that file alone',
    async (kind) => {
      const from = builds('from');
      await compile(from.folder, { objects: 4, bytes: 5_000 });
      const files = await pack(from);
      const one = files.find((file) => file.path.endsWith(kind));
      if (one?.inline === undefined) {
        const file = path.join(arrivals, one?.sha256 ?? '');
        const bytes = await fs.readFile(file);
        bytes[17] = (bytes[17] ?? 0) ^ 1;
        // Not into the build cache, of which it is a second name.
        await fs.rm(file);
        await fs.writeFile(file, bytes);
      } else {
        const bytes = Buffer.from(one.inline, 'base64');
        bytes[17] = (bytes[17] ?? 0) ^ 1;
        one.inline = bytes.toString('base64');
        await fs.writeFile(path.join(arrivals, indexName(key)), packIndex(files));
      }
      const to = builds('to');
      expect(placeFiles(to, arrivals, key)).toMatchObject({ files: 7, damaged: 1 });
      expect(Object.keys(await contents(to.folder))).not.toContain(one?.path);
    },
  );

  test('that lost a file brings the others', async () => {
    const from = builds('from');
    await compile(from.folder, { objects: 4, bytes: 5_000 });
    const [one] = (await pack(from)).filter(({ inline }) => inline === undefined);
    await fs.rm(path.join(arrivals, one?.sha256 ?? ''));
    expect(placeFiles(builds('to'), arrivals, key)).toMatchObject({ files: 7, damaged: 1 });
  });

  test.each(['', '{', '{"files":[{"path":"x"}]}', '{"files":{}}', '[]'])(
    'whose index is %j is refused as a whole',
    async (text) => {
      await fs.writeFile(path.join(arrivals, indexName(key)), text);
      expect(() => placeFiles(builds('to'), arrivals, key)).toThrow(/index|JSON/);
      expect(await contents(builds('to').folder)).toEqual({});
    },
  );
});

describe('a hostile pack', () => {
  const hash = 'a'.repeat(64);

  test('writes nothing outside its layer', async () => {
    const paths = [
      ...['../evil', '/tmp/slipway-evil', '.git/hooks/post-checkout', `aa/../../${hash}-d`],
      ...[`aa/${hash}-d/../../../evil`, `aa/${hash}-d.exe`, 'trim.txt', 'fuzz/x', `aa\\${hash}-d`],
      ...['pkg/mod/evil.go', ''],
    ];
    await plant(paths.map((name) => ({ path: name, text: 'evil' })));
    expect(placeFiles(builds('to'), arrivals, key)).toMatchObject({ files: 0 });
    expect(await fs.readdir(scratch)).toEqual(['arrivals']);
  });

  test('cannot bring a build result that is not the one of its name', async () => {
    const evil = sha256('evil');
    const right = `${evil.slice(0, 2)}/${evil}-d`;
    await plant([
      { path: `aa/${hash}-d`, text: 'evil' },
      { path: right, text: 'evil' },
    ]);
    expect(placeFiles(builds('to'), arrivals, key)).toMatchObject({ files: 1, damaged: 1 });
    expect(Object.keys(await contents(builds('to').folder))).toEqual([right]);
  });

  test('of modules cannot bring checksums, unpacked code or paths outside', async () => {
    const paths = [
      'cache/download/example.com/m/@v/v1.0.0.ziphash',
      'example.com/m@v1.0.0/m.go',
      'cache/download/../../../x/@v/v1.zip',
      'cache/download/sumdb/sum.golang.org/latest',
      'cache/lock',
    ];
    await plant(paths.map((name) => ({ path: name, text: 'evil' })));
    const layer = moduleLayer(path.join(scratch, 'to'));
    expect(placeFiles(layer, arrivals, key)).toMatchObject({ files: 0 });
    expect(await fs.readdir(scratch)).toEqual(['arrivals']);
  });

  test('reads through no link that it brought', async () => {
    const secret = path.join(scratch, 'secret');
    await fs.writeFile(secret, 'mine');
    const row = { path: `${sha256('mine').slice(0, 2)}/${sha256('mine')}-d`, bytes: 4 };
    await fs.symlink(secret, path.join(arrivals, sha256('mine')));
    const index = packIndex([{ ...row, sha256: sha256('mine') }]);
    await fs.writeFile(path.join(arrivals, indexName(key)), index);
    expect(placeFiles(builds('to'), arrivals, key)).toMatchObject({ files: 0, damaged: 1 });
    await fs.rm(path.join(arrivals, indexName(key)));
    await fs.symlink(secret, path.join(arrivals, indexName(key)));
    expect(() => placeFiles(builds('to'), arrivals, key)).toThrow('the entry has no index');
  });

  test('does not write through a link that lies in the way', async () => {
    const outside = path.join(scratch, 'outside');
    await fs.writeFile(outside, 'mine');
    const to = builds('to');
    const evil = sha256('evil');
    const name = `${evil.slice(0, 2)}/${evil}-d`;
    await plant([{ path: name, text: 'evil' }]);
    await fs.mkdir(path.dirname(path.join(to.folder, name)), { recursive: true });
    await fs.symlink(outside, path.join(to.folder, name));
    placeFiles(to, arrivals, key);
    expect(await fs.readFile(outside, 'utf8')).toBe('mine');
  });
});

test.each([
  '',
  '{"packs":[]}',
  '{"packs":[{"key":"slipway-pack-v3-open-x"}],"jobs":[]}',
  `{"packs":[{"key":"other-${'0'.repeat(32)}","packedBytes":1,"bytes":1,"files":1,"worthMs":1,"idle":0}],"jobs":[]}`,
  '{"packs":[],"jobs":[1]}',
])('a manifest %j is refused', (text) => {
  expect(() => readManifest(text)).toThrow(/damaged|JSON/);
});
