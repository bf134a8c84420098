import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Exec } from '@slipway/exec';
import { planChange, realExec, type Files } from './changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

/** The go.mod of each version that the proxy has. `http` requires `log`, the others nothing. */
const published: Readonly<Record<string, string>> = {
  'example.org/log v1.0.0': 'module example.org/log\n\ngo 1.26\n',
  'example.org/log v1.1.0': 'module example.org/log\n\ngo 1.26\n',
  'example.org/yaml v1.0.0': 'module example.org/yaml\n\ngo 1.26\n',
  'example.org/yaml v1.1.0': 'module example.org/yaml\n\ngo 1.26\n',
  'example.org/http v1.0.0':
    'module example.org/http\n\ngo 1.26\n\nrequire example.org/log v1.0.0\n',
};
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const h1 = (text: string): string =>
  `h1:${createHash('sha256')
    .update(`${hash(text)}  go.mod\n`)
    .digest('base64')}`;
/** With a line for each go.mod, and one for what a module holds where its hash is given. */
const goSum = (contents: Readonly<Record<string, string>> = {}): string =>
  Object.entries(published)
    .flatMap(([name, text]) => [
      ...(contents[name] === undefined ? [] : [`${name} ${contents[name]}`]),
      `${name}/go.mod ${h1(text)}`,
    ])
    .join('\n');
const goMod = (log: string, yaml: string, more = ''): string =>
  `module example.com/m\n\ngo 1.26\n\nrequire (\n\texample.org/http v1.0.0\n\texample.org/log ${log} // indirect\n\texample.org/yaml ${yaml}\n)\n${more}`;
const main = (...imports: readonly string[]): string =>
  `package main\n\nimport (\n${imports.map((each) => `\t_ "${each}"\n`).join('')})\n\nfunc main() {}\n`;

const files: Files = {
  'go.mod': goMod('v1.0.0', 'v1.0.0'),
  'go.sum': goSum({ 'example.org/yaml v1.0.0': 'h1:one=' }),
  'internal/config/config.go': 'package config\n\nimport _ "example.org/yaml/v3like"\n',
  'services/api/main.go': main('example.org/http/server'),
  'services/worker/main.go': main('example.com/m/internal/config', 'fmt'),
  'services/plain/main.go': main('fmt'),
  'services/tested/main.go': main('fmt'),
  'services/tested/main_test.go': 'package main\n\nimport _ "example.org/log"\n',
};

describe('a change of what a module depends on', () => {
  let folder: string;
  let number = 0;
  let environment: Readonly<Record<string, string>>;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-bump-'));
    for (const [name, text] of Object.entries(published)) {
      const [at = '', version = ''] = name.split(' ');
      mkdirSync(path.join(folder, 'proxy', at, '@v'), { recursive: true });
      writeFileSync(path.join(folder, 'proxy', at, '@v', `${version}.mod`), text);
    }
    environment = {
      GOPROXY: pathToFileURL(path.join(folder, 'proxy')).href,
      GOMODCACHE: path.join(folder, 'modules'),
      GOSUMDB: 'off',
      GONOPROXY: 'none',
    };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const plan = (edit: Files, given: { files?: Files; proxy?: string } = {}) => {
    const exec: Exec = (file, args, options) =>
      realExec(file, args, {
        ...options,
        addEnv: {
          ...environment,
          ...(given.proxy === undefined
            ? {}
            : { GOPROXY: given.proxy, GOMODCACHE: `${folder}/none` }),
          ...options?.addEnv,
        },
      });
    number += 1;
    return planChange({
      dir: path.join(folder, `repository-${number}`),
      files: given.files ?? files,
      edit,
      exec,
    });
  };

  it.each<[string, Files, string[]]>([
    ['a version', { 'go.mod': goMod('v1.0.0', 'v1.1.0') }, ['worker']],
    [
      'a version that another dependency links',
      { 'go.mod': goMod('v1.1.0', 'v1.0.0') },
      ['api', 'tested'],
    ],
    [
      'a replacement',
      {
        'go.mod': goMod(
          'v1.0.0',
          'v1.0.0',
          '\nreplace example.org/yaml => example.org/yaml v1.1.0\n',
        ),
      },
      ['worker'],
    ],
    [
      'the hash of what a version holds',
      { 'go.sum': goSum({ 'example.org/yaml v1.0.0': 'h1:two=' }) },
      ['worker'],
    ],
    ['hashes that are gone', { 'go.sum': '' }, ['api', 'plain', 'tested', 'worker']],
    [
      'a dependency that nothing imports yet',
      {
        'go.mod': goMod('v1.0.0', 'v1.0.0', '\nrequire example.org/log/v2 v2.0.0 // indirect\n'),
        'go.sum': `${goSum({ 'example.org/yaml v1.0.0': 'h1:one=' })}\nexample.org/log/v2 v2.0.0/go.mod ${h1('module example.org/log/v2\n')}\n`,
      },
      [],
    ],
    [
      'comments and order',
      { 'go.mod': `// Words.\n${goMod('v1.0.0', 'v1.0.0')}\nretract v0.1.0\n` },
      [],
    ],
    [
      'the language',
      { 'go.mod': goMod('v1.0.0', 'v1.0.0').replace('1.26', '1.25') },
      ['api', 'plain', 'tested', 'worker'],
    ],
  ])('concerns the services that link it: %s', async (what, edit, names) => {
    if (what.startsWith('a dependency that'))
      writeModule(folder, 'example.org/log/v2', 'v2.0.0', 'module example.org/log/v2\n');
    const planned = await plan(edit);
    expect(planned.names).toEqual(names);
    expect(planned.said.filter((line) => line.startsWith('More counts'))).toEqual([]);
  });

  it('tests the packages that link it, and those whose tests do', async () => {
    const yaml = await plan({ 'go.mod': goMod('v1.0.0', 'v1.1.0') });
    expect(yaml.tests).toEqual({ '.': ['./internal/config', './services/worker'] });
    const log = await plan({ 'go.mod': goMod('v1.1.0', 'v1.0.0') });
    expect(log.tests).toEqual({ '.': ['./services/api', './services/tested'] });
  });

  it('concerns all that imports from elsewhere when nobody can tell who links it, and says so', async () => {
    const planned = await plan({ 'go.mod': goMod('v1.1.0', 'v1.0.0') }, { proxy: 'off' });
    expect(planned.names).toEqual(['api', 'tested', 'worker']);
    expect(planned.said.join('\n')).toMatch(
      /More counts as affected: who links example.org\/log could not be told \(go mod graph in the root: .*disabled by GOPROXY=off\)/,
    );
    expect(planned.why).toMatch(/who links example.org\/log/);
  });

  it('reaches the other modules of a workspace, which share versions', async () => {
    const module = (name: string, yaml: string): string =>
      `module example.com/${name}\n\ngo 1.26\n\nrequire example.org/yaml ${yaml}\n`;
    const workspace: Files = {
      'go.work': 'go 1.26\n\nuse (\n\t./services/a\n\t./services/b\n)\n',
      'services/a/go.mod': module('a', 'v1.0.0'),
      'services/a/go.sum': goSum(),
      'services/a/main.go': main('fmt'),
      'services/b/go.mod': module('b', 'v1.0.0'),
      'services/b/go.sum': goSum(),
      'services/b/main.go': main('example.org/yaml'),
    };
    const edit = { 'services/a/go.mod': module('a', 'v1.1.0') };
    const planned = await plan(edit, { files: workspace });
    expect(planned.names).toEqual(['b']);
    expect(planned.tests).toEqual({ 'services/b': ['.'] });
  });
});

function writeModule(folder: string, at: string, version: string, text: string): void {
  mkdirSync(path.join(folder, 'proxy', at, '@v'), { recursive: true });
  writeFileSync(path.join(folder, 'proxy', at, '@v', `${version}.mod`), text);
}
