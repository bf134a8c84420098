import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serviceFolders } from '../src/index.ts';
import { packedFiles } from '../src/service/packed-files.ts';
import { planChange, type Files, type PlannedChange } from './changed-repository.ts';
import { plannedService } from './planned-service.ts';

// It starts several processes, on machines that do other things too.
jest.setTimeout(120_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-packed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const main = 'package main\n\nfunc main() {}\n';
const files = {
  'go.mod': 'module example.com/m\n\ngo 1.26\n',
  LICENSE: 'do what you want',
  'NOTICE.md': 'no notice',
  'migrations/1.sql': 'create table a ();',
  'services/api/main.go': main,
  'services/api/slipway.yml':
    'build:\n  image-files: ["migrations=/srv/migrations/", "./conf/*.pem=/etc/ owner=1000"]\n  archive-files: [LICENSE]\n',
  'services/own/go.mod': 'module example.com/own\n\ngo 1.26\n',
  'services/own/main.go': main,
  'services/own/slipway.yml':
    'build:\n  image-files: ["docs/{a,b}/*=/srv/docs/", "../../shared/=/srv/"]\n',
  'services/worker/main.go': main,
};

let made = 0;
async function change(edit: Files): Promise<PlannedChange> {
  made += 1;
  return await planChange({ dir: path.join(folder, `${made}`), files, edit });
}

describe('a service is concerned by what its image or its archives hold besides the program', () => {
  test.each<[string, Files, readonly string[]]>([
    ['a new file of a folder', { 'migrations/2.sql': 'x' }, ['api']],
    ['one that is gone', { 'migrations/1.sql': undefined }, ['api']],
    ['documentation in such a folder', { 'migrations/old/README.md': 'x' }, ['api']],
    ['a single file, also a license', { LICENSE: 'x' }, ['api']],
    ['a file that a glob names', { 'conf/a.pem': 'x' }, ['api']],
    ['a file beside those of a glob', { 'conf/a.txt': 'x' }, []],
    ['a file of the root that nobody packs', { 'NOTICE.md': 'x' }, []],
    ['what lies beside its module', { 'shared/deep/a.md': 'x' }, ['own']],
    ['what braces may name', { 'services/own/docs/a/1.md': 'x' }, ['own']],
    ['documentation beside it', { 'services/own/README.md': 'x' }, []],
  ])('%s', async (_, edit, names) => {
    expect((await change(edit)).names).toEqual(names);
  });
});

test('globs that no matcher takes name everything, and those that lead out nothing', () => {
  const globs = (...lines: string[]): readonly string[] =>
    packedFiles({ build: { 'image-files': lines.map((line) => `${line}=/srv/`) } }, 'a');
  expect(globs('a'.repeat(1_001), '../..', '../../b', '../../../b')).toEqual(['**']);
  expect(globs('..', '.', 'b/**/c/**/d', './b/')).toEqual(['**', 'a', 'a/b/**', 'a/b']);
});

test('commits that touched them are told as commits of the service', () => {
  const service = plannedService('api', { packedFiles: ['migrations', 'conf/*.pem', '*.crt'] });
  const repository = { graph: undefined } as Parameters<typeof serviceFolders>[0];
  expect(serviceFolders(repository, [service], service)).toEqual([
    'services/api',
    'migrations',
    'conf',
    '.',
  ]);
});
