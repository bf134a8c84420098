import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { create } from '@actions/glob';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { findFiles } from '../src/index.ts';

const names = [
  ...['go.sum', 'go.mod', 'README.md', 'a/go.mod', 'a/go.sum', 'a/b/go.sum', 'a/b/c/main.go'],
  ...['b/go.sum', 'b/.hidden/go.sum', 'b/[x]/go.sum', 'vendor/m/go.sum', 'tools/versions.txt'],
];

let root: string;
beforeAll(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-glob-'));
  for (const name of [...names, '.git/go.sum', 'node_modules/x/go.sum']) {
    await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await fs.writeFile(path.join(root, name), name);
  }
});
afterAll(() => fs.rm(root, { recursive: true }));

async function found(...lines: string[]): Promise<string[]> {
  const files = await findFiles(root, lines);
  return files.map(({ file }) => path.relative(root, file).split(path.sep).join('/')).sort();
}

describe('the files that patterns name are those of @actions/glob', () => {
  test.each([
    [['go.sum']],
    [['**/go.sum']],
    [['**/go.sum', '!vendor/**']],
    [['**/go.sum', '!vendor']],
    [['!vendor/**', '**/go.sum']],
    [['**/go.sum', '!**/b/**', 'a/b/go.sum']],
    [['**/go.sum', '!!a/go.mod', '! b']],
    [['a']],
    [['a', '!a/b/*.sum']],
    [['*/go.sum', 'tools/*.txt']],
    [['a/*/**/*.go']],
    [['b/?hidden/go.sum']],
    [['[ab]/go.sum']],
    [['b/[[]x]/go.sum']],
    [['absent/**']],
    [['+(a|b)/go.sum']],
  ])('%j', async (lines) => {
    const absolute = lines.map((line) => line.replace(/^((?:!\s*)*)/, `$1${root}/`));
    // It tells what it does in debug commands.
    const quiet = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const globber = await create(absolute.join('\n'), { matchDirectories: false });
    const globbed = await globber.glob().finally(() => quiet.mockRestore());
    const theirs = globbed
      .map((file) => path.relative(root, file).split(path.sep).join('/'))
      .filter((file) => !/^(?:\.git|node_modules)\//.test(file));
    const ours = await found(...lines);
    expect(ours).toEqual(theirs.sort());
    expect(await found(...absolute)).toEqual(ours);
  });
});

describe('looking for files', () => {
  test('knows braces, which @actions/glob does not', async () => {
    expect(await found('{a,b}/go.sum')).toEqual(['a/go.sum', 'b/go.sum']);
    expect(await found('{a,b}/go.sum', '!{b,c}/**')).toEqual(['a/go.sum']);
  });

  test.each([
    ['begins with ./', '{./a,b}/go.sum'],
    ['goes up and down again', '{tools/../a,b}/go.sum'],
    ['leaves the folder', '{a,../b,b}/go.sum'],
    ['is a whole path', '{a/go.sum,b//go.sum}'],
    ['is within another', '{a,{./b,c}}/go.sum'],
  ])('takes an alternative that %s for what it says by itself', async (_, pattern) => {
    expect(await found(pattern)).toEqual(['a/go.sum', 'b/go.sum']);
  });

  test('takes an absolute alternative', async () => {
    const absolute = path.join(root, 'a').split(path.sep).join('/');
    expect(await found(`{${absolute},b}/go.sum`)).toEqual(['a/go.sum', 'b/go.sum']);
  });

  test('tells a file that is named from one whose folder is', async () => {
    const files = await findFiles(root, ['a/b', 'a/b/go.sum']);
    expect(files.map(({ byFolder }) => byFolder).sort()).toEqual([false, true]);
    expect((await findFiles(root, ['.'])).every(({ byFolder }) => byFolder)).toBe(true);
  });

  test('never leaves the folder and follows no links', async () => {
    await fs.symlink(path.join(root, 'a'), path.join(root, 'link'), 'junction');
    expect(await found('../**', '/etc/**', '~/**', 'link/**', '')).toEqual([]);
    await fs.rm(path.join(root, 'link'));
  });

  test.each([
    '{a,b}'.repeat(24),
    '{1..1000000}',
    `${'{a,'.repeat(200)}b${'}'.repeat(200)}`,
    '**/a/'.repeat(60),
    'a'.repeat(2_000),
  ])('refuses a pattern made to be slow: %s', async (pattern) => {
    await expect(findFiles(root, [pattern])).rejects.toThrow(/^The glob ".* allowed\.$/);
  });
});
