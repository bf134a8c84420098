import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  archive,
  companionFiles,
  needsLoader,
  removePartials,
  renderChecksums,
  sha256,
  tar,
  writeWhole,
} from '../src/index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

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

  test('as zip is read by Python, with its checksums right', async () => {
    const file = path.join(folder, 'a.zip');
    writeFileSync(file, await archive(entries, { format: 'zip', mtimeSeconds: 1_700_000_000 }));
    const script =
      'import zipfile,sys,json; z=zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(),[[i.filename,i.external_attr>>16,list(i.date_time),i.file_size] for i in z.infolist()]]))';
    const printed = execFileSync(
      process.platform === 'win32' ? 'python' : 'python3',
      ['-c', script, file],
      {
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(printed)).toEqual([
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

  test('of a fixed content has the digest it always had', () => {
    expect(sha256(tar(entries, 1_700_000_000))).toMatchInlineSnapshot(
      `"ff57a18fa2bd91d87fc8bfb8c9f7b3e1e64d315b6f666a54de99632a9c37dfdb"`,
    );
  });

  test('refuses a path that no tar header holds', () => {
    expect(() => tar([{ path: 'x'.repeat(300), mode: 0o644 }], 0)).toThrow(/too long/);
  });

  test('takes licence and readme along, but no link and nothing else', async () => {
    mkdirSync(path.join(folder, 'NOTICE'));
    for (const name of ['LICENSE', 'LICENSE-MIT', 'README.md', 'secret.env', 'READMEnot'])
      writeFileSync(path.join(folder, name), name);
    symlinkSync('/etc/hosts', path.join(folder, 'COPYING'));
    const found = await companionFiles(folder);
    expect(found.map((each) => each.path)).toEqual(['LICENSE', 'LICENSE-MIT', 'README.md']);
  });
});

test('checksums are lines of sha256sum, sorted by name', () => {
  expect(
    renderChecksums([
      { name: 'b', sha256: 'bb' },
      { name: 'a', sha256: 'aa' },
    ]),
  ).toBe('aa  a\nbb  b\n');
});

test('a file appears whole or not at all, and what a killed run left is removed', async () => {
  await writeWhole(path.join(folder, 'sub', 'done'), 'whole');
  const left = '.done.slipway-partial-0123456789ab';
  writeFileSync(path.join(folder, left), 'half');
  writeFileSync(path.join(folder, 'sub', left), 'half');
  writeFileSync(path.join(folder, '.mine'), 'kept');
  await removePartials(folder);
  expect(readdirSync(folder).sort()).toEqual(['.mine', 'sub']);
  expect(readdirSync(path.join(folder, 'sub'))).toEqual(['done']);
});

test('a program that needs a loader is told from one that does not', () => {
  const elf = Buffer.alloc(64 + 56 * 2);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(2, 56);
  elf.writeUInt32LE(1, 64);
  expect(needsLoader(elf)).toBe(false);
  elf.writeUInt32LE(3, 64 + 56);
  expect(needsLoader(elf)).toBe(true);
  expect(needsLoader(Buffer.from('MZ'))).toBe(false);
  expect(needsLoader(Buffer.from('\x7fELF\x02\x01'.padEnd(64, '\xff'), 'latin1'))).toBe(false);
});
