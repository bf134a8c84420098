import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planChange, realExec, type Files } from './changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const module = (name: string, more = ''): string =>
  `module example.com/${name}\n\ngo 1.26\n${more}`;
const main = (...imports: readonly string[]): string =>
  `package main\n\nimport (\n${imports.map((each) => `\t_ "${each}"\n`).join('')})\n\nfunc main() {}\n`;

const libraries: Files = {
  'libs/shared/go.mod': module('shared'),
  'libs/shared/shared.go': 'package shared\n',
  'libs/shared/shared_test.go': 'package shared\n',
  'libs/other/go.mod': module('other'),
  'libs/other/other.go': 'package other\n',
};
const services: Files = {
  'services/api/go.mod': module('api', 'require example.com/shared v0.0.0\n'),
  'services/api/main.go': main('example.com/shared'),
  'services/worker/go.mod': module('worker'),
  'services/worker/main.go': main('example.com/worker/internal/job'),
  'services/worker/internal/job/job.go': 'package job\n',
};
const work =
  'go 1.26\n\nuse (\n\t./libs/shared\n\t./libs/other\n\t./services/api\n\t./services/worker\n)\n';
const workspace: Files = { ...libraries, ...services, 'go.work': work };
const rooted: Files = {
  ...workspace,
  'go.work': `${work}\nuse .\n`,
  'go.mod': module('root'),
  'root.go': 'package root\n\nimport _ "example.com/other"\n',
};
/** A root module with modules in it that no go.work joins; one uses another by a replace of another name. */
const nested: Files = {
  ...libraries,
  'go.mod': module('root'),
  'internal/money/money.go': 'package money\n',
  'services/api/main.go': main('example.com/root/internal/money'),
  'services/legacy/go.mod': module(
    'legacy',
    'require github.com/acme/common v1.0.0\n\nreplace github.com/acme/common => ../../libs/shared\n',
  ),
  'services/legacy/cmd/server/main.go': main('github.com/acme/common'),
};

describe('what there is to test of a change', () => {
  let folder: string;
  let number = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-modules-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const plan = (files: Files, edit: Files) =>
    planChange({ dir: path.join(folder, String((number += 1))), files, edit });

  it.each<[string, Files, Files, string[], Record<string, string[]>]>([
    [
      'a library of a workspace without a root module',
      workspace,
      { 'libs/shared/shared_test.go': 'package shared\n\nvar X int\n' },
      ['api'],
      { 'libs/shared': ['.'], 'services/api': ['.'] },
    ],
    [
      'the go line of one module of a workspace',
      workspace,
      { 'libs/other/go.mod': module('other').replace('1.26', '1.25') },
      [],
      { 'libs/other': ['./...'] },
    ],
    [
      'a go.work',
      workspace,
      { 'go.work': `${work}\ntoolchain go1.26.1\n` },
      ['api', 'worker'],
      {
        'libs/other': ['./...'],
        'libs/shared': ['./...'],
        'services/api': ['./...'],
        'services/worker': ['./...'],
      },
    ],
    [
      'a module that moved away from where its go.work still has it, so that go builds none of the workspace',
      workspace,
      {
        'libs/other/go.mod': undefined,
        'libs/other/other.go': undefined,
        'libs/another/go.mod': module('other'),
        'libs/another/other.go': 'package other\n',
      },
      ['api', 'worker'],
      {
        'libs/another': ['./...'],
        'libs/shared': ['./...'],
        'services/api': ['./...'],
        'services/worker': ['./...'],
      },
    ],
    [
      'a library of a workspace with a root module',
      rooted,
      { 'libs/other/other.go': 'package other\n\n' },
      [],
      { '.': ['.'], 'libs/other': ['.'] },
    ],
    [
      'a module beside a root module, which another uses by replace under another name',
      nested,
      { 'libs/shared/shared.go': 'package shared\n\n' },
      ['legacy'],
      { 'libs/shared': ['.'], 'services/legacy': ['./cmd/server'] },
    ],
    [
      'the root module alone',
      nested,
      { 'internal/money/money.go': 'package money\n\n' },
      ['api'],
      { '.': ['./internal/money', './services/api'] },
    ],
    [
      'a package that a vendor folder holds',
      { ...workspace, 'services/worker/vendor/example.org/x/x.go': 'package x\n' },
      { 'services/worker/vendor/example.org/x/x.go': 'package x\n\n' },
      ['worker'],
      { 'services/worker': ['./...'] },
    ],
    [
      'a module that is gone',
      nested,
      { 'services/legacy/go.mod': undefined },
      ['api', 'legacy'],
      { '.': ['./...'] },
    ],
    [
      'a go.mod among test data, which is a file like any other',
      { ...workspace, 'libs/other/testdata/m/go.mod': module('m') },
      { 'libs/other/testdata/m/go.mod': module('n') },
      [],
      { 'libs/other': ['.'] },
    ],
    ['documentation', workspace, { 'libs/shared/README.md': 'read me' }, [], {}],
  ])('is told module by module: %s', async (_, files, edit, names, tests) => {
    const planned = await plan(files, edit);
    expect({ names: planned.names, tests: planned.tests }).toEqual({ names, tests });
  });

  it('is what go itself can vet and test there', async () => {
    const { entries } = await plan(
      { ...workspace, 'tools/go.mod': module('tools'), 'tools/tools.go': 'package tools\n' },
      {
        'libs/shared/shared.go': 'package shared\n\n',
        'tools/tools.go': 'package tools\n\n',
        'libs/shared/only/windows/w_windows.go': 'package windows\n',
      },
    );
    expect(entries.map(({ module: at, label }) => [at, label])).toEqual([
      ['libs/shared', 'libs-shared'],
      ['services/api', 'services-api'],
      ['tools', 'tools'],
    ]);
    // What a go.work leaves out is refused with it.
    expect(entries.map((each) => each['go-work'])).toEqual(['', '', 'off']);
    expect(entries.map((each) => each['go-version-file'])).toEqual([
      'go.work',
      'go.work',
      'tools/go.mod',
    ]);
    for (const { module: at, packages, 'go-work': GOWORK } of entries) {
      const cwd = path.join(folder, String(number), at);
      const args = ['vet', ...packages.trim().split('\n')];
      await realExec('go', args, { cwd, addEnv: { GOWORK, GOFLAGS: '' } });
    }
  });

  it('can be given to one go at the root as far as that reaches', async () => {
    const edit = { 'libs/shared/shared.go': 'package shared\n\n' };
    expect((await plan(workspace, edit)).packages).toEqual(['./libs/shared', './services/api']);
    expect((await plan(nested, edit)).packages).toEqual([]);
    const everywhere = { '.tool-versions': 'go 1.26\n' };
    expect((await plan(workspace, everywhere)).packages).toContain('./services/worker/...');
  });

  it('is shared by jobs when a workspace has more modules than a matrix has jobs', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `m${index}`);
    const files = Object.fromEntries([
      ['go.work', `go 1.26\n\nuse (\n${names.map((name) => `\t./${name}\n`).join('')})\n`],
      ['m0/main.go', main()],
      ...names.flatMap((name) => [
        [`${name}/go.mod`, module(name)],
        [`${name}/lib/lib.go`, 'package lib\n'],
      ]),
    ]) as Files;
    const planned = await planChange({
      dir: path.join(folder, 'many'),
      files,
      edit: { '.go-version': '1.26.1' },
      globs: ['m0'],
    });
    expect(planned.entries.length).toBeLessThanOrEqual(256);
    expect(planned.entries[0]).toMatchObject({
      module: '.',
      label: 'm0-and-1-more',
      packages: './m0/...\n./m1/...\n',
    });
    const all = planned.entries.flatMap(({ packages }) => packages.trim().split('\n'));
    expect(new Set(all).size).toBe(300);
  });
});
