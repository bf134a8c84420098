import { createHook } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { node24 } from '@slipway/testing';
import {
  archive,
  readTarGz,
  readZip,
  tarChunks,
  writeArchive,
  type ArchiveEntry,
} from '../src/index.ts';
import { runPython } from './archive-corpus.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function tar(packed: readonly ArchiveEntry[], mtimeSeconds: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarChunks(packed, mtimeSeconds)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const entries = [
  { path: 'api', content: Buffer.from('program'), mode: 0o755 },
  { path: 'LICENSE', content: Buffer.from('licence'), mode: 0o644 },
];

describe('an archive', () => {
  test('as tar.gz is read by tar, sorted, with mode bits and the time given', async () => {
    const file = path.join(folder, 'a.tar.gz');
    writeFileSync(file, await archive(entries, { format: 'tar.gz', mtimeSeconds: 1_700_000_000 }));
    const listed = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' });
    expect(listed.trim().split(/\r?\n/)).toEqual(['LICENSE', 'api']);
    execFileSync('tar', ['-xzf', file, '-C', folder]);
    const { mode, mtimeMs } = statSync(path.join(folder, 'api'));
    expect(mode & 0o111).toBe(process.platform === 'win32' ? mode & 0o111 : 0o111);
    expect(mtimeMs).toBe(1_700_000_000_000);
    expect(readFileSync(path.join(folder, 'api'), 'utf8')).toBe('program');
  });

  test('as tar.zst holds the same tar archive as a tar.gz, with a checksum', async () => {
    const options = { mtimeSeconds: 1_700_000_000 };
    const gz = await archive(entries, { format: 'tar.gz', ...options });
    const zst = await archive(entries, { format: 'tar.zst', ...options });
    expect(zstdDecompressSync(zst).equals(gunzipSync(gz))).toBe(true);
    // RFC 8878, 3.1.1.1.1: bit 2 of the frame header says that a checksum is at the end.
    expect(zst.readUInt32LE(0)).toBe(0xfd2fb528);
    expect((zst[4] ?? 0) & 0b100).toBe(0b100);
    const again = await archive(entries, { format: 'tar.zst', ...options });
    expect(again.equals(zst)).toBe(true);
  });

  test('as zip is read by Python, with its checksums right', async () => {
    const file = path.join(folder, 'a.zip');
    writeFileSync(file, await archive(entries, { format: 'zip', mtimeSeconds: 1_700_000_000 }));
    const script =
      'import zipfile,sys,json; z=zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(),[[i.filename,i.external_attr>>16,list(i.date_time),i.file_size] for i in z.infolist()]]))';
    expect(JSON.parse(runPython(script, [file]))).toEqual([
      null,
      [
        ['LICENSE', 0o100644, [2023, 11, 14, 22, 13, 20], 7],
        ['api', 0o100755, [2023, 11, 14, 22, 13, 20], 7],
      ],
    ]);
  });

  test.each(['tar.gz', 'zip'] as const)(
    'as %s has the same bytes for the same content',
    async (format) => {
      const one = await archive(entries, { format, mtimeSeconds: 1 });
      const two = await archive([...entries].reverse(), { format, mtimeSeconds: 1 });
      expect(sha256(one)).toBe(sha256(two));
    },
  );

  test.each(['tar.gz', 'zip'] as const)('as %s has the same bytes in every time zone', (format) => {
    const src = pathToFileURL(path.resolve(import.meta.dirname, '../src/index.ts')).href;
    const script = `
        import { archive } from ${JSON.stringify(src)};
        const entries = [{ path: 'api', content: Buffer.from('program'), mode: 0o755 }];
        const bytes = await archive(entries, { format: '${format}', mtimeSeconds: 1_700_000_000 });
        process.stdout.write(bytes.toString('base64'));`;
    const inZone = (TZ: string): string =>
      execFileSync(node24(), ['--no-warnings', '--input-type=module', '-e', script], {
        encoding: 'utf8',
        env: { ...process.env, TZ },
      });
    expect(inZone('Asia/Tokyo')).toBe(inZone('UTC'));
  });
});

describe('a zip archive', () => {
  const file = (name: string): ArchiveEntry => ({ path: name, mode: 0o644 });
  const pack = (files: readonly ArchiveEntry[], mtimeSeconds = 0): Promise<Buffer> =>
    archive(files, { format: 'zip', mtimeSeconds });

  test('has folders as folders, for Unix and for Windows', async () => {
    const packed = path.join(folder, 'a.zip');
    writeFileSync(packed, await pack([{ path: 'd/', mode: 0o755 }, file('d/x')]));
    const script =
      'import zipfile,sys,json; print(json.dumps([[i.filename,oct(i.external_attr>>16),i.external_attr&255,i.is_dir(),i.compress_size] for i in zipfile.ZipFile(sys.argv[1]).infolist()]))';
    expect(JSON.parse(runPython(script, [packed]))).toEqual([
      ['d/', '0o40755', 16, true, 0],
      ['d/x', '0o100644', 0, false, 2],
    ]);
  });

  test('takes as many entries, as long a name and as late a time as fit, and says what does not', async () => {
    const many = Array.from({ length: 65_535 }, (_, index) => file(`f${index}/`));
    const end = (await pack(many)).subarray(-22);
    expect([end.readUInt16LE(8), end.readUInt16LE(10)]).toEqual([65_535, 65_535]);
    const long = 'é'.repeat(32_767);
    const late = Date.UTC(2107, 11, 31, 23, 59, 58) / 1000;
    await expect(pack([file(long)], late)).resolves.toBeDefined();
    const refused: [() => Promise<Buffer>, string][] = [
      [() => pack([...many, file('one-more')]), 'A zip archive cannot hold 65536 entries.'],
      [() => pack([file(`${long}xx`)]), 'A zip archive cannot hold the name "éé'],
      [() => pack([file('a')], late + 2), 'A zip archive cannot hold the time 4354819200'],
      [() => pack([file('a')], Number.NaN), 'A zip archive cannot hold the time NaN'],
    ];
    for (const [packing, why] of refused)
      await expect(packing()).rejects.toMatchObject({
        name: 'ArchiveError',
        message: expect.stringContaining(why),
        next: expect.any(String),
      });
  });

  test('is packed one entry after the other, however many there are', async () => {
    const packing = new Set<number>();
    let most = 0;
    const hook = createHook({
      init: (id, type) => {
        if (type !== 'ZLIB') return;
        packing.add(id);
        most = Math.max(most, packing.size);
      },
      before: (id) => packing.delete(id),
    }).enable();
    await pack(Array.from({ length: 40 }, (_, index) => file(`f${index}`))).finally(() =>
      hook.disable(),
    );
    expect(most).toBe(1);
  });
});

test.each(['tar.gz', 'zip'] as const)('a %s with one path twice is refused', async (format) => {
  const twice = [...entries, { path: 'api', content: Buffer.from('other'), mode: 0o755 }];
  await expect(archive(twice, { format, mtimeSeconds: 0 })).rejects.toThrow(
    'An archive cannot hold "api" twice.',
  );
});

describe('a tar archive', () => {
  test('of a fixed content has the digest it always had', async () => {
    expect(sha256(await tar(entries, 1_700_000_000))).toMatchInlineSnapshot(
      `"ff57a18fa2bd91d87fc8bfb8c9f7b3e1e64d315b6f666a54de99632a9c37dfdb"`,
    );
  });

  test('of folders and every mode of an image layer has the digest it always had', async () => {
    const layer = [
      { path: 'app/', mode: 0o755 },
      { path: 'app/api', content: Buffer.alloc(513, 7), mode: 0o555 },
      { path: 'etc/ssl/certs/ca-certificates.crt', content: Buffer.alloc(512, 1), mode: 0o644 },
      { path: 'tmp/', mode: 0o1777 },
      { path: 'empty', content: Buffer.alloc(0), mode: 0o644 },
    ];
    expect(sha256(await tar(layer, 0))).toMatchInlineSnapshot(
      `"dc62c8998325596c5347105c3eb12350957ef80cddf0ef5c543af7ec29e720ac"`,
    );
  });

  test('keeps a path that no tar header holds', async () => {
    const long = `${'folder/'.repeat(40)}file`;
    const bytes = await archive([{ path: long, content: Buffer.from('x'), mode: 0o644 }], {
      format: 'tar.gz',
      mtimeSeconds: 0,
    });
    const file = path.join(folder, 'long.tar.gz');
    writeFileSync(file, bytes);
    expect(execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim()).toBe(long);
    const limits = { entries: 10, bytes: 10_000 };
    expect((await readTarGz(bytes, { name: file, limits })).map((each) => each.path)).toEqual([
      long,
    ]);
  });
});

describe('an entry that is a file on disk', () => {
  const stored = (bytes: number): ArchiveEntry[] => [
    { path: 'api', content: { file: path.join(folder, 'api'), bytes }, mode: 0o755 },
  ];
  const program = Buffer.alloc(700_000, 'program');
  beforeEach(() => writeFileSync(path.join(folder, 'api'), program));

  test.each(['tar.gz', 'zip'] as const)('is packed in pieces as %s', async (format) => {
    const file = path.join(folder, 'packed');
    const options = { format, mtimeSeconds: 1 };
    const written = await writeArchive(file, stored(program.length), options);
    const bytes = readFileSync(file);
    expect(written).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
    const found: Record<string, Buffer> = {};
    const limits = { entries: 1, bytes: program.length };
    if (format === 'zip')
      await readZip(file, { limits }, (each) => {
        found[each.path] = each.content;
        return Promise.resolve();
      });
    else
      for (const each of await readTarGz(bytes, { name: file, limits }))
        found[each.path] = each.content;
    expect(found['api']?.equals(program)).toBe(true);
  });

  test('which is not as long as was said is refused', async () => {
    for (const bytes of [program.length - 1, program.length + 1])
      for (const format of ['tar.gz', 'zip'] as const)
        await expect(
          writeArchive(path.join(folder, 'packed'), stored(bytes), { format, mtimeSeconds: 0 }),
        ).rejects.toThrow(/"api"/);
  });
});
