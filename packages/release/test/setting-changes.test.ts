import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planChange, type PlannedChange } from './changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const main = 'package main\n\nfunc main() {}\n';
const settings = `services:
  services/*:
    targets: [linux/amd64]
  services/api:
    helm: { timeout: 5m }
registry: ghcr.io/acme
environments:
  staging:
    when: { kind: push }
    namespace: staging
`;

describe('a changed slipway.yml at the root', () => {
  let folder: string;
  let runs = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function change(before: string | undefined, after: string): Promise<PlannedChange> {
    runs += 1;
    return await planChange({
      dir: path.join(folder, String(runs)),
      files: {
        'go.mod': 'module example.com/m\n\ngo 1.26\n',
        'services/api/main.go': main,
        'services/web/main.go': main,
        ...(before === undefined ? {} : { 'slipway.yml': before }),
      },
      edit: { 'slipway.yml': after },
    });
  }

  it.each([
    [
      'build tags of one service',
      settings.replace('5m }', '5m }\n    tags: [chaos]'),
      { api: 'slipway.yml' },
    ],
    ['an input of its upgrade', settings.replace('5m', '6m'), { api: 'slipway.yml' }],
    [
      'what holds for a glob',
      settings.replace('linux/amd64', 'linux/arm64'),
      { api: 'slipway.yml', web: 'slipway.yml' },
    ],
    [
      'the registry',
      settings.replace('ghcr.io/acme', 'ghcr.io/other'),
      { api: 'slipway.yml', web: 'slipway.yml' },
    ],
    [
      'where an environment is',
      settings.replace('namespace: staging', 'namespace: stage'),
      { api: 'slipway.yml', web: 'slipway.yml' },
    ],
    ['who is named when it fails', settings.replace('5m }', "5m }\n    owners: ['@acme/api']"), {}],
    [
      'a comment, and when an environment is used',
      `${settings.replace('push', 'tag')}# More\n`,
      {},
    ],
  ])('concerns those for whom it says something else: %s', async (_, after, because) => {
    const planned = await change(settings, after);
    expect(planned.because).toEqual(because);
    expect(planned.names).toEqual(Object.keys(because));
    expect(Object.keys(planned.tests)).toEqual(planned.names.length > 0 ? ['.'] : []);
  });

  it('that is new concerns those of whom it says something', async () => {
    const planned = await change(undefined, 'services:\n  services/web: { cgo: "off" }\n');
    expect(planned.because).toEqual({ web: 'slipway.yml' });
  });

  it('concerns everybody when the earlier one cannot be read, and says so', async () => {
    const planned = await change('services: [', settings);
    expect(planned.names).toEqual(['api', 'web']);
    expect(planned.said.join('\n')).toMatch(/Every service counts as affected: slipway\.yml of/);
  });
});

describe('a changed slipway.yml in the folder of a service', () => {
  let folder: string;
  let runs = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-own-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function change(
    before: string | undefined,
    after: string | undefined,
    more: Readonly<Record<string, string>> = {},
    sharedPaths: readonly string[] = [],
  ): Promise<readonly string[]> {
    runs += 1;
    const own = 'services/api/slipway.yml';
    const planned = await planChange({
      dir: path.join(folder, String(runs)),
      files: {
        'go.mod': 'module example.com/m\n\ngo 1.26\n',
        'services/api/main.go': main,
        'services/web/main.go': main,
        ...(before === undefined ? {} : { [own]: before }),
        ...more,
      },
      edit: { [own]: after },
      sharedPaths,
    });
    return planned.names;
  }

  it.each<[string, string | undefined, string | undefined, string[]]>([
    ['another comment', 'cgo: auto\n', '# Why.\ncgo: auto\n', []],
    ['other owners', "owners: ['@a']\n", "owners: ['@b']\n", []],
    ['the name that it has anyway', undefined, 'name: api\n', []],
    ['less, and the same', 'name: api\n', undefined, []],
    ['another name', undefined, 'name: front\n', ['front']],
    ['another input of the upgrade', 'helm: { timeout: 5m }\n', 'helm: { timeout: 6m }\n', ['api']],
    ['something where it could not be read', 'helm: [\n', 'cgo: auto\n', ['api']],
  ])('concerns that service when it says something else: %s', async (_, before, after, names) => {
    expect(await change(before, after)).toEqual(names);
  });

  it('concerns whom it concerns as a file, where it is embedded or shared', async () => {
    const embedding =
      'package main\n\nimport _ "embed"\n\n//go:embed slipway.yml\nvar settings string\n\nfunc main() {}\n';
    const more = { 'services/api/main.go': embedding };
    expect(await change('cgo: auto\n', '# Why.\ncgo: auto\n', more)).toEqual(['api']);
    expect(await change('cgo: auto\n', '# Why.\ncgo: auto\n', {}, ['**/slipway.yml'])).toEqual([
      'api',
      'web',
    ]);
  });
});
