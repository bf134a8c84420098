import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planChange, type Files } from '../changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const kit = 'kit.test/post v1.0.0';
const mod = (name: string, ...lines: readonly string[]): string =>
  `module example.com/${name}\n\ngo 1.25\n\n${lines.map((line) => `${line}\n`).join('')}`;
const main = (...imports: readonly string[]): string =>
  `package main\n\nimport (\n${imports.map((each) => `\t_ "${each}"\n`).join('')})\n\nfunc main() {}\n`;
const work = (...uses: readonly string[]): string =>
  `go 1.25\n\nuse (\n${uses.map((use) => `\t./${use}\n`).join('')})\n`;
const usual = ['libs/core', 'services/api', 'services/mailer', 'services/old'];

const files: Files = {
  'go.work': work(...usual),
  'libs/core/go.mod': mod('core'),
  'libs/core/core.go': 'package core\n',
  'services/api/go.mod': mod('api', `require ${kit}`),
  'services/api/main.go': main('example.com/core', 'kit.test/post'),
  'services/mailer/go.mod': mod('mailer'),
  'services/mailer/main.go': main(),
  'services/old/go.mod': mod('old'),
  'services/old/main.go': main(),
};
/** A service in a module of its own, as it comes. */
const coming = (...lines: readonly string[]): Files => ({
  'go.work': work(...usual, 'services/new'),
  'services/new/go.mod': mod('new', ...lines),
  'services/new/main.go': main('example.com/core'),
});
const everything = ['api', 'mailer', 'new', 'old'];

describe('a go.work', () => {
  let folder: string;
  let number = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-uses-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[string, Files, string[]]>([
    ['with one more module concerns that alone', coming(), ['new']],
    [
      'with one more module that requires what others do concerns that alone',
      coming(`require ${kit}`, 'require example.com/core v0.0.0'),
      ['new'],
    ],
    [
      'with one more module that requires something else concerns everything',
      coming('require kit.test/post v1.1.0'),
      everything,
    ],
    [
      'with one more module that replaces something concerns everything',
      coming('replace kit.test/post => kit.test/fork v1.0.0'),
      everything,
    ],
    [
      'with one more module that excludes something concerns everything',
      coming('exclude kit.test/post v1.0.1'),
      everything,
    ],
    [
      'with one more module and another version in one that was there concerns everything',
      { ...coming(), 'services/api/go.mod': mod('api', 'require kit.test/post v1.1.0') },
      everything,
    ],
    [
      'that says something else besides concerns everything',
      { ...coming(), 'go.work': `${work(...usual, 'services/new')}toolchain go1.26.1\n` },
      everything,
    ],
    [
      'without a service that was given up concerns nobody',
      { 'go.work': work(...usual.slice(0, 3)), 'services/old': undefined },
      [],
    ],
    [
      'without a library concerns who imports it',
      { 'go.work': work(...usual.slice(1)), 'libs/core': undefined },
      ['api'],
    ],
    [
      'without a module that is still there concerns that and who imports it',
      { 'go.work': work(...usual.slice(1)) },
      ['api'],
    ],
  ])('%s', async (_, edit, names) => {
    number += 1;
    const planned = await planChange({ dir: path.join(folder, String(number)), files, edit });
    expect(planned.names).toEqual(names);
  });
});
