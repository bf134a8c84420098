import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  archive,
  readTarGz,
  readZip,
  type ArchiveFormat,
  type ArchiveLimits,
} from '../src/index.ts';
import { pythonTar, pythonZip, rawTar, rawTarGz, sign, type RawEntry } from './archive-corpus.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-reading-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Contents = Record<string, string>;

const roomy: ArchiveLimits = { entries: 100, bytes: 1_000_000 };
const packedAs = (format: ArchiveFormat, entries: readonly RawEntry[]): Promise<Buffer> =>
  archive(
    entries.map(({ name, text = '' }) => ({ path: name, content: Buffer.from(text), mode: 0o644 })),
    { format, mtimeSeconds: 0 },
  );
const asText = (files: readonly { path: string; content: Buffer }[]): Contents =>
  Object.fromEntries(files.map((file) => [file.path, file.content.toString()]));

type Only = (path: string) => boolean;

async function tarContents(bytes: Buffer, limits = roomy, only?: Only): Promise<Contents> {
  return asText(await readTarGz(bytes, { name: 'x.tgz', limits, ...(only && { only }) }));
}

async function zipContents(bytes: Buffer, limits = roomy, only?: Only): Promise<Contents> {
  const file = path.join(folder, 'x.zip');
  writeFileSync(file, bytes);
  const files: { path: string; content: Buffer }[] = [];
  await readZip(file, { name: 'x.zip', limits, ...(only && { only }) }, (each) => {
    files.push(each);
    return Promise.resolve();
  });
  return asText(files);
}

/** The same promises for both formats. */
const formats = [
  {
    format: 'tar.gz' as const,
    name: 'x.tgz',
    contents: tarContents,
    withLink: (): Buffer =>
      rawTarGz([
        { name: 'a', text: 'one' },
        { name: 'd/', type: '5' },
        { name: 'link', type: '2' },
      ]),
  },
  {
    format: 'zip' as const,
    name: 'x.zip',
    contents: zipContents,
    withLink: (): Buffer =>
      pythonZip([
        { name: 'a', text: 'one' },
        { name: 'd/' },
        { name: 'link', text: '/etc/passwd', mode: 0o120777 },
      ]),
  },
];

describe.each(formats)('a $format', ({ format, name, contents, withLink }) => {
  const packed = (entries: readonly RawEntry[]): Promise<Buffer> => packedAs(format, entries);

  test('that we wrote is read back', async () => {
    const bytes = await packed([{ name: 'a/b', text: 'one' }, { name: 'empty' }]);
    expect(await contents(bytes)).toEqual({ 'a/b': 'one', empty: '' });
  });

  test('gives only the files that are asked for', async () => {
    const bytes = await packed([
      { name: 'a', text: 'one' },
      { name: 'b', text: 'two' },
    ]);
    expect(await contents(bytes, roomy, (entry) => entry === 'b')).toEqual({ b: 'two' });
  });

  test('gives regular files alone: no folder, no link', async () => {
    expect(await contents(withLink())).toEqual({ a: 'one' });
  });

  test.each([
    '../evil',
    'a/../../evil',
    '/etc/evil',
    '..\\evil',
    'C:\\evil',
    'C:evil',
    'a/C:evil',
    '\\\\server\\share\\evil',
    '.',
    './..',
    'CON',
    'a/aux.txt',
    'com1 .x',
    'a.',
    'a /b',
    'file:stream',
  ])('is refused for the name %j, and says so', async (evil) => {
    const bytes = await packed([{ name: 'a', text: 'one' }, { name: evil }]);
    await expect(contents(bytes)).rejects.toMatchObject({
      name: 'ArchiveError',
      message: expect.stringMatching(new RegExp(`^${name} `)),
    });
  });

  test('is refused with more entries than it may have', async () => {
    const bytes = await packed(Array.from({ length: 11 }, (_, index) => ({ name: `f${index}` })));
    await expect(contents(bytes, { entries: 10, bytes: 100_000 })).rejects.toThrow(
      `${name} holds more than 10 entries.`,
    );
  });

  test('is refused when it unpacks to more than it may, however small it is', async () => {
    const bomb = await packed([{ name: 'zeros', text: '\0'.repeat(2_000_000) }]);
    expect(bomb.length).toBeLessThan(4_000);
    await expect(contents(bomb, { entries: 10, bytes: 1_000_000 })).rejects.toThrow(
      /^x\.\w+ unpacks to more than 1\.0 MB\.$/,
    );
  });

  test('is refused wherever it was cut off', async () => {
    const text = Array.from({ length: 400 }, (_, index) => index * 7919).join(' ');
    const bytes = await packed([
      { name: 'a', text },
      { name: 'b', text: 'two' },
    ]);
    for (let length = 0; length < bytes.length; length += 37)
      await expect(contents(bytes.subarray(0, length))).rejects.toMatchObject({
        name: 'ArchiveError',
        message: expect.stringMatching(new RegExp(`^${name} .*\\.$`)),
      });
  });

  test('is refused or whole, whichever byte of it is damaged', async () => {
    const whole = { a: 'one '.repeat(100), b: 'two' };
    const bytes = await packed(
      Object.entries(whole).map(([entry, text]) => ({ name: entry, text })),
    );
    // A name may be another one, and what became a link is passed over; no content is ever wrong.
    const isSound = (read: Contents): boolean =>
      Object.values(read).every((text) => Object.values(whole).includes(text));
    const isRefusal = (error: unknown): boolean =>
      error instanceof Error && error.name === 'ArchiveError';
    const wrong: number[] = [];
    for (let at = 0; at < bytes.length; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8((damaged[at] ?? 0) ^ 0x41, at);
      if (!(await contents(damaged).then(isSound, isRefusal))) wrong.push(at);
    }
    expect(wrong).toEqual([]);
  });

  test('that is something else is refused', async () => {
    for (const other of [Buffer.alloc(0), Buffer.from('<html>maintenance</html>')])
      await expect(contents(other)).rejects.toMatchObject({ name: 'ArchiveError' });
  });
});

describe('a tar.gz of other tools', () => {
  const long = `${'folder/'.repeat(30)}file`;

  test.each([
    ['USTAR', [{ name: `${'d'.repeat(90)}/${'f'.repeat(90)}`, text: 'one' }]],
    [
      'GNU',
      [
        { name: long, text: 'one' },
        { name: 'after', text: 'two' },
      ],
    ],
    [
      'PAX',
      [
        { name: long, text: 'one' },
        { name: 'ünïcode/ß', text: 'zwei' },
      ],
    ],
  ])('in the format %s is read with its long names', async (format, entries) => {
    const expected = Object.fromEntries(entries.map(({ name, text }) => [name, text]));
    expect(await tarContents(gzipSync(pythonTar(format, entries)))).toEqual(expected);
  });

  test('may begin its names with ./, and separate them as Windows does', async () => {
    const bytes = rawTarGz([
      { name: './a/b', text: 'one' },
      { name: 'c\\d', text: 'two' },
    ]);
    expect(await tarContents(bytes)).toEqual({ 'a/b': 'one', 'c/d': 'two' });
  });

  test('takes its name from a pax record as it is written, not from what it looks like', async () => {
    const named = (record: string): Buffer =>
      rawTarGz([
        { name: 'pax', type: 'x', text: `${record.length + 4} ${record}\n` },
        { name: 'plain', text: 'one' },
      ]);
    expect(await tarContents(named('path=inner'))).toEqual({ inner: 'one' });
    // The line break belongs to the name, which is refused for it; it does not begin a second record.
    for (const record of ['path=inner\n12 path=evil', 'path=in\0ner'])
      await expect(tarContents(named(record))).rejects.toThrow('which is not safe');
  });

  test('is refused when a header does not have its checksum', async () => {
    const tar = rawTar([{ name: 'a', text: 'one' }]);
    tar[0] = 0x62;
    await expect(tarContents(gzipSync(tar))).rejects.toThrow(/^x\.tgz is damaged or cut off/);
  });

  test.each([
    ['negative', '-0000000003\0'],
    ['no number', 'zzzzzzzzzzz\0'],
    ['larger than the archive', '77777777777\0'],
  ])('is refused when a size is %s', async (_, size) => {
    const tar = rawTar([{ name: 'a', text: 'one' }]);
    tar.write(size, 124);
    await expect(tarContents(gzipSync(sign(tar)))).rejects.toMatchObject({ name: 'ArchiveError' });
  });
});
