import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { planChange, type Files } from './changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const main = (...imports: readonly string[]): string =>
  `package main\n\nimport (\n${imports.map((each) => `\t_ "example.com/m/${each}"\n`).join('')})\n\nfunc main() {}\n`;
const embedding = (name: string, pattern: string): string =>
  `package ${name}\n\nimport _ "embed"\n\n//go:embed ${pattern}\nvar Text string\n`;
const files: Files = {
  'go.mod': 'module example.com/m\n\ngo 1.26\n',
  'internal/price/price.go': 'package price\n',
  'internal/price/price_test.go': 'package price\n',
  'internal/price/fixtures/table.json': '{}',
  'internal/price/fixtures/README.md': 'docs',
  'internal/mail/mail.go': embedding('mail', 'templates/*.tmpl'),
  'internal/mail/templates/a.tmpl': 'a',
  'internal/docs/docs.go': embedding('docs', 'README.md'),
  'internal/docs/README.md': 'docs',
  'services/api/main.go': main('internal/price', 'internal/docs'),
  'services/mailer/main.go': main('internal/mail'),
};

describe('a changed file', () => {
  let folder: string;
  let number = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-owners-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const plan = (edit: Files, more: Files = {}, globs = ['services/*']) =>
    planChange({
      dir: path.join(folder, String((number += 1))),
      files: { ...files, ...more },
      edit,
      globs,
    });

  it.each<[string, string, string[], string[]]>([
    [
      'in any folder below it',
      'internal/price/fixtures/table.json',
      ['api'],
      ['./internal/price', './services/api'],
    ],
    [
      'that is new',
      'internal/price/golden/deep/er/x.golden',
      ['api'],
      ['./internal/price', './services/api'],
    ],
    [
      'that it embeds',
      'internal/mail/templates/a.tmpl',
      ['mailer'],
      ['./internal/mail', './services/mailer'],
    ],
    [
      'that is documentation and embedded',
      'internal/docs/README.md',
      ['api'],
      ['./internal/docs', './services/api'],
    ],
    ['that is documentation', 'internal/price/fixtures/README.md', [], []],
    ['above all packages', 'Makefile', [], []],
    ['of the repository itself', '.github/workflows/x.yml', [], []],
  ])('belongs to the nearest package above: one %s', async (_, file, names, tests) => {
    const planned = await plan({ [file]: 'changed' });
    expect([planned.names, planned.tests['.'] ?? []]).toEqual([names, tests]);
  });

  it('at the root concerns a service there, and those in folders of other services do not', async () => {
    const root = { 'main.go': main('internal/price') };
    const globs = ['.', 'services/*'];
    const config = await plan({ 'config/app.yaml': 'a: 1' }, root, globs);
    expect(config.names).toEqual(['m']);
    expect((await plan({ 'services/api/static/x.css': 'a' }, root, globs)).names).toEqual(['api']);
    expect(
      (await plan({ 'internal/price/price.go': 'package price\n\n' }, root, globs)).names,
    ).toEqual(['api', 'm']);
    expect((await plan({ '.github/workflows/x.yml': 'on: push' }, root, globs)).names).toEqual([]);
  });

  it('under build tags counts for the service that is built with them', async () => {
    const tagged = {
      'internal/pro/pro.go': 'package pro\n',
      'services/api/pro.go':
        '//go:build pro\n\npackage main\n\nimport _ "example.com/m/internal/pro"\n',
      'services/api/slipway.yml': 'tags: [pro]\n',
      'services/mailer/pro.go':
        '//go:build never\n\npackage main\n\nimport _ "example.com/m/internal/pro"\n',
    };
    expect((await plan({ 'internal/pro/pro.go': 'package pro\n\n' }, tagged)).names).toEqual([
      'api',
    ]);
  });

  it('is told from thousands of patterns that were made to be slow', async () => {
    const stars = `${'*a'.repeat(40)}b`;
    const patterns = Array.from({ length: 300 }, (_, index) => `${stars}${index}`).join(' ');
    const long = `x/${'y'.repeat(2_000)}`;
    const hostile = {
      'internal/slow/slow.go': embedding('slow', patterns),
      'internal/long/long.go': embedding('long', long),
    };
    const name = `internal/slow/${'a'.repeat(200)}`;
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`${name}${index}`, 'x'] as const),
    );
    const planned = await plan(many, hostile);
    expect(planned.tests).toEqual({ '.': ['./internal/slow'] });
  });

  it('is compared with what each service has that runs', async () => {
    const planned = await planChange({
      dir: path.join(folder, 'deployed'),
      files,
      edit: { 'internal/mail/mail.go': 'package mail\n' },
      deployed: { api: false, mailer: true },
    });
    expect(planned.names).toEqual(['api', 'mailer']);
    expect(planned.because).toEqual({ mailer: 'internal/mail/mail.go' });
    expect(planned.why).toMatch(/(?:^|; )api: the commit ddddddd\S* is not in this clone/);
    expect(planned.said.join('\n')).toMatch(/^api counts as affected: the commit ddddddd/m);
  });
});

describe('a changed file, as the plan tells of it,', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'slipway-shown-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    ['turns the direction of text', '\u202Efdp.exe', String.raw`"services/a/\u202Efdp.exe"`],
    ['has two lines', 'x\n::error::y', String.raw`"services/a/x\n::error::y"`],
    ['cannot be seen', 'x\u200By', String.raw`"services/a/x\u200By"`],
    ['is in another script', 'größe 日本.txt', 'services/a/größe 日本.txt'],
  ])('is one line that can be read where its name %s', async (_, name, shown) => {
    const only: Files = { 'go.mod': 'module m\n\ngo 1.26\n', 'services/a/main.go': main() };
    const { because, said } = await planChange({
      dir,
      files: only,
      edit: { [`services/a/${name}`]: 'x' },
    });
    // Letters of escapes may be of either case.
    expect(because['a']?.toLowerCase()).toBe(shown.toLowerCase());
    expect(said.join('')).not.toMatch(/[\u202e\u200b]/u);
  });
});
