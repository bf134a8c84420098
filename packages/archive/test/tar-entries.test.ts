import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readTarGz, readTarGzEntries, type ArchiveLimits } from '../src/index.ts';
import { paxBody, rawTar, rawTarGz, type RawEntry } from './archive-corpus.ts';

const roomy: ArchiveLimits = { entries: 10, bytes: 3_000_000 };

async function files(entries: readonly RawEntry[], limits = roomy): Promise<string[]> {
  const found = await readTarGz(rawTarGz(entries), { name: 'x.tgz', limits });
  return found.map(({ path, content }) => `${path}: ${content.toString()}`);
}

async function names(tgz: Buffer): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, type } of readTarGzEntries(tgz, { name: 'x.tgz', limits: roomy }))
    found.push(`${type} ${name}`);
  return found;
}

const pax = (records: Readonly<Record<string, string>>, type = 'x'): RawEntry => ({
  name: 'pax',
  type,
  text: paxBody(records),
});
const one: RawEntry = { name: 'a', text: 'one' };
const two: RawEntry = { name: 'b', text: 'two' };

// All of these were held against Go 1.26 once, with some ten thousand archives made by chance.
describe('a tar.gz is read as archive/tar of Go reads it', () => {
  test.each<[string, RawEntry[], string[]]>([
    ['a pax name is of the next entry alone', [pax({ path: 'x' }), one, two], ['x: one', 'b: two']],
    ['of two pax headers the last counts', [pax({ path: 'x' }), pax({ k: 'v' }), one], ['a: one']],
    ['an empty record is none', [pax({ path: '' }), one], ['a: one']],
    ['a global name is of no entry', [pax({ path: 'x' }, 'g'), one, two], ['a: one', 'b: two']],
    ['a global header ends a pax header', [pax({ path: 'x' }), pax({}, 'g'), one], ['a: one']],
    [
      'a long name goes before a pax name',
      [{ name: '', type: 'L', text: 'long\0' }, pax({ path: 'x' }), one],
      ['long: one'],
    ],
    ['a pax size counts', [pax({ size: '2' }), one], ['a: on']],
    ['a link has no content', [{ name: 'l', type: '2' }, one], ['a: one']],
    [
      'what is no file of today is passed over',
      [...['V', 'D', 'M', 'N', 'A', 'X', '8'].map((type) => ({ ...two, type })), one],
      ['a: one'],
    ],
    [
      'old and contiguous files are files',
      [
        { ...one, type: '\0' },
        { ...two, type: '7' },
      ],
      ['a: one', 'b: two'],
    ],
    ['what has a slash at its end is a folder', [{ ...two, name: 'd/' }, one], ['a: one']],
  ])('%s', async (_, entries, expected) => {
    expect(await files(entries)).toEqual(expected);
  });

  test.each<[string, RawEntry[], string]>([
    ['a record with a wrong length', [{ ...one, type: 'x', text: '2x2x2x' }, one], 'wrong length'],
    ['a record without a key', [{ ...one, type: 'x', text: '5 =b\n' }, one], 'no key'],
    ['a record without its end', [{ ...one, type: 'x', text: '7 a=bcd' }, one], 'wrong length'],
    ['a malformed global record', [{ ...one, type: 'g', text: '2x' }, one], 'wrong length'],
    ['a size that is no number', [pax({ size: '1e3' }), one], 'pax size is no number'],
    ['a negative size', [pax({ size: '-5' }), one], 'a size is none'],
    ['a time that is no number', [pax({ mtime: 'x' }), one], 'pax mtime is no number'],
    ['a sparse file of GNU', [{ ...one, type: 'S' }], 'as a sparse file'],
    ['a sparse file of pax', [pax({ 'GNU.sparse.map': '0,1' }), one], 'as a sparse file'],
  ])('%s is refused', async (_, entries, why) => {
    await expect(files(entries)).rejects.toMatchObject({
      name: 'ArchiveError',
      message: expect.stringContaining(why),
    });
  });

  test('its end is two empty blocks, one at the end of the bytes, or that end itself', async () => {
    const whole = rawTar([one]);
    const after = Buffer.concat([whole, rawTar([two])]);
    for (const bytes of [after, whole, whole.subarray(0, -512), whole.subarray(0, -1024)])
      expect(await names(gzipSync(bytes))).toEqual(['0 a']);
    const between = Buffer.concat([whole.subarray(0, -512), rawTar([two])]);
    await expect(names(gzipSync(between))).rejects.toThrow('empty block');
  });

  test('links and folders are told when every entry is asked for', async () => {
    const entries = [
      { name: 'd/', type: '5' },
      { name: '../l', type: '2' },
      { name: 'v', type: 'V' },
    ];
    expect(await names(rawTarGz(entries))).toEqual(['5 d/', '2 ../l', 'V v']);
  });
});

describe('what a tar.gz may cost', () => {
  test.each(['x', 'g', 'L', 'K'])('headers of type %s count as entries', async (type) => {
    const text = type === 'x' || type === 'g' ? paxBody({ k: 'v' }) : 'name\0';
    const headers = Array.from({ length: 10 }, () => ({ name: 'meta', type, text }));
    await expect(files([...headers, one])).rejects.toThrow('x.tgz holds more than 10 entries.');
    expect(await files([...headers.slice(1), { ...one, name: 'name' }])).toEqual(['name: one']);
  });

  test.each(['x', 'g', 'L', 'K'])('headers of type %s are of a bounded length', async (type) => {
    const text = '2x'.repeat(600_000);
    await expect(files([{ name: 'meta', type, text }, one])).rejects.toThrow('is too long');
    const limits = { entries: 10, bytes: 500_000 };
    await expect(files([{ name: 'meta', type, text }, one], limits)).rejects.toThrow(
      'x.tgz unpacks to more than 500.0 kB.',
    );
  });

  test('its limit is of what files hold: headers are no part of it', async () => {
    const limits = { entries: 2, bytes: 6 };
    expect(await files([one, two], limits)).toEqual(['a: one', 'b: two']);
    await expect(files([one, { ...two, text: 'four' }], limits)).rejects.toThrow(
      'x.tgz unpacks to more than 6 B.',
    );
  });

  test('what follows its end is bounded likewise', async () => {
    const bytes = gzipSync(Buffer.concat([rawTar([one]), Buffer.alloc(2_000)]));
    const read = readTarGz(bytes, { name: 'x.tgz', limits: { entries: 1, bytes: 1_000 } });
    await expect(read).rejects.toThrow('x.tgz unpacks to more than 1.0 kB.');
  });
});
