import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { changedFiles } from '../../suites/changed/changed-files.ts';
import { scratchTree } from '../scratch-tree.ts';

let root: string;
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd: root,
    encoding: 'utf8',
  });

beforeEach(() => {
  root = scratchTree({ 'kept.ts': '1', 'old.ts': '2', 'edited.ts': '3', '.gitignore': 'out/\n' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=Begin');
  git('switch', '--quiet', '--create=work');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('commits, the working tree and new files count, a moved file under both names, and what main did since does not', async () => {
  renameSync(path.join(root, 'old.ts'), path.join(root, 'new name.ts'));
  git('add', '.');
  git('commit', '--quiet', '--message=Move');
  git('switch', '--quiet', 'main');
  writeFileSync(path.join(root, 'theirs.ts'), '');
  git('add', '.');
  git('commit', '--quiet', '--message=Elsewhere');
  git('switch', '--quiet', 'work');
  writeFileSync(path.join(root, 'edited.ts'), 'changed');
  writeFileSync(path.join(root, 'fresh.ts'), '');
  expect([...(await changedFiles(root, 'main'))].sort()).toEqual([
    'edited.ts',
    'fresh.ts',
    'new name.ts',
    'old.ts',
  ]);
});

test('nothing changed is no file', async () => {
  expect(await changedFiles(root, 'main')).toEqual([]);
});

test.each(['nowhere', '--output=file'])(
  'a commit that git does not know is told: %s',
  async (ref) => {
    await expect(changedFiles(root, ref)).rejects.toThrow(`--changed ${ref}: git knows no commit`);
  },
);
