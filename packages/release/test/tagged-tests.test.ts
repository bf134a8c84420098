import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { taggedTests, discoverServices } from '../src/index.ts';
import { planChange, realExec, type Files } from './changed-repository.ts';

const main = (...imports: string[]): string =>
  `package main\n\nimport (\n${imports.map((each) => `\t_ "m/${each}"\n`).join('')})\n\nfunc main() {}\n`;
const withTag = (tag: string, text: string): string => `//go:build ${tag}\n\n${text}`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'slipway-tags-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const files: Files = {
  'go.mod': 'module m\n\ngo 1.26\n',
  'lib/lib.go': 'package lib\n',
  'services/a/main.go': main('lib'),
  'services/b/main.go': main('lib'),
};

async function entries(more: Files, edit: Files) {
  const planned = await planChange({ dir, files: Object.assign({}, files, more), edit });
  return planned.entries.map(({ label, packages, tags }) => [
    label,
    packages.trim().split('\n').join(' '),
    tags,
  ]);
}
const touchedLib = { 'lib/lib.go': 'package lib\n\nconst Size = 1\n' };

describe('the tests of a change', () => {
  test('have no build tags where no service has any', async () => {
    expect(await entries({}, touchedLib)).toEqual([
      ['root', './lib ./services/a ./services/b', ''],
    ]);
  });

  test('have the build tags that all services of the module are built with', async () => {
    const tags = 'tags: [sqlite, netgo]\n';
    const own = { 'services/a/slipway.yml': tags, 'services/b/slipway.yml': tags };
    expect(await entries(own, touchedLib)).toEqual([
      ['root', './lib ./services/a ./services/b', 'netgo\nsqlite'],
    ]);
  });

  test('are run once more with the tags of a service that has its own, for what it is made of', async () => {
    expect(await entries({ 'services/a/slipway.yml': 'tags: netgo\n' }, touchedLib)).toEqual([
      ['root', './lib ./services/a ./services/b', ''],
      ['root-netgo', './lib ./services/a', 'netgo'],
    ]);
  });

  test('leave out without its tag what has no file without it', async () => {
    const own = {
      'services/a/slipway.yml': 'tags: cloud\n',
      'services/a/main.go': withTag('cloud', main('lib', 'cloud')),
      'cloud/cloud.go': withTag('cloud', 'package cloud\n'),
    };
    const edit = { 'cloud/cloud.go': withTag('cloud', 'package cloud\n\nconst Size = 1\n') };
    expect(await entries(own, edit)).toEqual([['root-cloud', './cloud ./services/a', 'cloud']]);
  });

  test('are never dropped for tags that are said of every service and that none is built with', async () => {
    await planChange({ dir, files: Object.assign({}, files), edit: touchedLib });
    const { services, repository } = await discoverServices(realExec, dir, {
      globs: ['services/*'],
      targets: ['linux/amd64'],
      cgo: '',
    });
    const tests = [{ module: '', patterns: ['./lib'] }];
    const [one] = services;
    const odd = services.map((each) =>
      each === one ? Object.assign({}, each, { tags: [] }) : each,
    );
    for (const some of [services, odd])
      expect(taggedTests(repository, some, { tests, usual: ['unheard'] })).toEqual([
        { module: '', patterns: ['./lib'], tags: [], ofSome: false },
      ]);
  });
});
