import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  companionFiles,
  needsLoader,
  publishTogether,
  removePartials,
  renderChecksums,
  writeAtomically,
} from '../src/index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a licence and a readme travel with a program, but nothing from outside and nothing else', async () => {
  mkdirSync(path.join(folder, 'NOTICE'));
  for (const name of ['LICENSE', 'LICENSE-MIT', 'README.md', 'secret.env', 'READMEnot'])
    writeFileSync(path.join(folder, name), name);
  symlinkSync('/etc/hosts', path.join(folder, 'COPYING'));
  const { entries, licensed } = await companionFiles(folder, folder);
  expect(entries.map((each) => each.path)).toEqual(['README.md', 'LICENSE', 'LICENSE-MIT']);
  expect(licensed).toBe(true);
});

test('the licence of a service without one is the nearest above, behind a link too', async () => {
  const service = path.join(folder, 'services', 'api');
  mkdirSync(path.join(folder, 'legal'));
  mkdirSync(service, { recursive: true });
  writeFileSync(path.join(folder, 'legal', 'text'), 'Apache-2.0');
  writeFileSync(path.join(folder, 'README.md'), 'of the whole');
  symlinkSync(path.join('legal', 'text'), path.join(folder, 'LICENSE'));
  const { entries } = await companionFiles(service, folder);
  expect(entries).toEqual([{ path: 'LICENSE', content: Buffer.from('Apache-2.0'), mode: 0o644 }]);
});

test("no link leads to Git's own files, where the job's token may be", async () => {
  mkdirSync(path.join(folder, 'sub', '.git'), { recursive: true });
  writeFileSync(path.join(folder, 'sub', '.git', 'config'), 'extraheader = AUTHORIZATION');
  symlinkSync(path.join('sub', '.git', 'config'), path.join(folder, 'LICENSE'));
  expect(await companionFiles(folder, folder)).toEqual({ entries: [], licensed: false });
});

test('that there is no licence up to the top of the workspace is told', async () => {
  const module = path.join(folder, 'workspace', 'module');
  mkdirSync(module, { recursive: true });
  writeFileSync(path.join(folder, 'LICENSE'), 'of another');
  expect(await companionFiles(module, path.dirname(module))).toEqual({
    entries: [],
    licensed: false,
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
  await writeAtomically(path.join(folder, 'sub', 'done'), 'whole');
  const left = '.done.slipway-partial-0123456789ab';
  writeFileSync(path.join(folder, left), 'half');
  writeFileSync(path.join(folder, 'sub', left), 'half');
  writeFileSync(path.join(folder, '.mine'), 'kept');
  await removePartials(folder);
  expect(readdirSync(folder).sort()).toEqual(['.mine', 'sub']);
  expect(readdirSync(path.join(folder, 'sub'))).toEqual(['done']);
});

test('files are published all together or not at all', async () => {
  const stage = path.join(folder, 'stage');
  const dist = path.join(folder, 'dist');
  mkdirSync(stage);
  mkdirSync(dist);
  writeFileSync(path.join(dist, 'a'), 'old');
  const move = (name: string) => ({ from: path.join(stage, name), to: path.join(dist, name) });
  const fill = (): void => {
    for (const name of ['a', 'b']) writeFileSync(path.join(stage, name), 'new');
  };
  fill();
  await expect(publishTogether([move('a'), move('b'), move('missing')])).rejects.toThrow('ENOENT');
  expect(readdirSync(dist)).toEqual(['a']);
  expect(readFileSync(path.join(dist, 'a'), 'utf8')).toBe('old');
  fill();
  mkdirSync(path.join(dist, 'b'));
  await expect(publishTogether([move('a'), move('b')])).rejects.toThrow(/b is a folder/);
  expect(readFileSync(path.join(dist, 'a'), 'utf8')).toBe('old');
  rmSync(path.join(dist, 'b'), { recursive: true });
  fill();
  await publishTogether([move('a'), move('b')]);
  expect(readdirSync(dist).map((name) => readFileSync(path.join(dist, name), 'utf8'))).toEqual([
    'new',
    'new',
  ]);
});

test('a program that needs a loader is told from one that does not', async () => {
  const needs = (program: Buffer): Promise<boolean> => {
    const file = path.join(folder, 'program');
    writeFileSync(file, program);
    return needsLoader(file);
  };
  const elf = Buffer.alloc(64 + 56 * 2);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(2, 56);
  elf.writeUInt32LE(1, 64);
  expect(await needs(elf)).toBe(false);
  elf.writeUInt32LE(3, 64 + 56);
  expect(await needs(elf)).toBe(true);
  expect(await needs(Buffer.from('MZ'))).toBe(false);
  expect(await needs(Buffer.from('\x7fELF\x02\x01'.padEnd(64, '\xff'), 'latin1'))).toBe(false);
});
