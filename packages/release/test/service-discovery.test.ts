import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Exec } from '@slipway/exec';
import { writeFiles } from '../../../test/fixtures/shop-edits.ts';
import { discoverServices, type Service } from '../src/index.ts';
import { realExec } from './changed-repository.ts';

// Each test starts some processes, on machines that do other things too.
jest.setTimeout(120_000);

const main = 'package main\n\nfunc main() {}\n';
const mod = (name: string): string => `module example.com/${name}\n\ngo 1.26\n`;
const withoutGo: Exec = (file, args, options) =>
  realExec(file === 'go' ? 'there-is-no-go' : file, args, options);

describe('the services of a repository', () => {
  let folder: string;
  let number = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-discovery-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function discover(
    files: Readonly<Record<string, string>>,
    globs: readonly string[] = ['services/*'],
    exec: Exec = realExec,
  ): Promise<readonly Service[]> {
    const dir = path.join(folder, String((number += 1)));
    await writeFiles(files)(dir);
    const { services } = await discoverServices(exec, dir, {
      globs,
      targets: ['linux/amd64'],
      cgo: '',
    });
    return services;
  }
  const places = (services: readonly Service[]) =>
    services.map((each) => [each.name, each.path, each.workingDirectory, each.package]);

  const atRoot = {
    'go.mod': mod('acme/orders/v2'),
    'main.go': main,
    'internal/x/x.go': 'package x\n',
  };
  it.each([['.'], ['./'], ['*'], ['**']])('can be one at the root, named %s', async (glob) => {
    expect(places(await discover(atRoot, [glob]))).toEqual([['orders', '.', '.', '.']]);
  });

  it('can be one at the root with its program under cmd and its chart beside it', async () => {
    const files = {
      'go.mod': mod('orders'),
      'cmd/server/main.go': main,
      'charts/orders/Chart.yaml': 'name: orders\n',
      'slipway.yml': 'workload: statefulset/orders\n',
    };
    const [orders, ...others] = await discover(files, ['.']);
    expect(orders).toMatchObject({
      name: 'orders',
      package: './cmd/server',
      chart: 'charts/orders',
      workload: 'statefulset/orders',
    });
    expect(others).toEqual([]);
  });

  it('have the chart that one line names for all of them', async () => {
    const chart = 'chart: deploy/{service}\n';
    const found = await discover({
      'go.mod': mod('m'),
      'services/a_b/main.go': main,
      'services/a_b/slipway.yml': chart,
      'deploy/a-b/Chart.yaml': 'name: a-b\n',
    });
    expect(found.map((each) => each.chart)).toEqual(['deploy/a-b']);
  });

  it('are those that a "**" reaches, each program once', async () => {
    const files = {
      'go.mod': mod('m'),
      'cmd/one/main.go': main,
      'cmd/two/main.go': main,
      'services/api/cmd/server/main.go': main,
    };
    expect(places(await discover(files, ['**']))).toEqual([
      ['one', 'cmd/one', '.', './cmd/one'],
      ['two', 'cmd/two', '.', './cmd/two'],
      ['api', 'services/api', '.', './services/api/cmd/server'],
    ]);
  });

  it.each([
    ['user_service', 'user-service'],
    ['OrderAPI', 'order-api'],
    ['HTTPGateway', 'http-gateway'],
    ['2fa', 'svc-2fa'],
    ['a.b~c', 'a-b-c'],
    [`a${'b'.repeat(60)}`, expect.stringMatching(/^ab{44}-[0-9a-f]{7}$/)],
  ])('get a name that Kubernetes takes from a folder %s', async (name, expected) => {
    const [service] = await discover({ 'go.mod': mod('m'), [`services/${name}/main.go`]: main });
    expect(service).toMatchObject({ name: expected, path: `services/${name}` });
  });

  it('can be named otherwise, and tagged, in their own slipway.yml', async () => {
    const [service] = await discover({
      'go.mod': mod('m'),
      'cmd/japan/main.go': main,
      'services/日本/slipway.yml': 'name: japan\npackage: cmd/japan\ntags: [netgo, prod]\n',
    });
    expect(service).toMatchObject({
      name: 'japan',
      workload: 'deployment/japan',
      tags: ['netgo', 'prod'],
    });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'two of one name',
      { 'services/user_service/main.go': main, 'services/user-service/main.go': main },
      /"services\/user-service" and "services\/user_service" both make a service named user-service/,
    ],
    ['a name that nothing is left of', { 'services/~/main.go': main }, /gives its service no name/],
    [
      'a name that is none',
      { 'services/a/main.go': main, 'services/a/slipway.yml': 'name: A_b\n' },
      /services\/a\/slipway.yml:1:7: name: .* expected lower-case letters/,
    ],
    [
      'a folder that go refuses',
      { 'services/a b/main.go': main },
      /go builds nothing in the folder "services\/a b"/,
    ],
    [
      'a folder that would be two lines',
      { 'services/a\n-x/main.go': main },
      /go builds nothing in the folder "services\/a\\n-x"/,
    ],
    [
      'a folder with what cannot be seen, and its program elsewhere',
      { 'services/a\u202e/slipway.yml': 'package: cmd/a\n', 'cmd/a/main.go': main },
      /"services\/a\\u202e" has a control or invisible character/,
    ],
    [
      'a package that is not there, with the folder that was meant',
      {
        'services/a/cmd/server/main.go': main,
        'services/a/slipway.yml': 'package: ./cmd/server\n',
      },
      /^services\/a\/slipway\.yml:1:1: package: .*"services\/a": there is no folder "cmd\/server".* did you mean services\/a\/cmd\/server\?/,
    ],
    [
      'a chart that is not there',
      { 'services/a/main.go': main, 'services/a/slipway.yml': 'chart: deploy/a\n' },
      /^services\/a\/slipway\.yml:1:1: chart: the chart of the service in "services\/a": "deploy\/a" holds no Chart.yaml/,
    ],
    [
      'another folder than that of the go.mod',
      { 'services/a/main.go': main, 'services/a/slipway.yml': '\nworking-directory: services/a\n' },
      /^services\/a\/slipway\.yml:2:1: working-directory: "services\/a" is not the folder .* which is "\."/,
    ],
    [
      'two of one name',
      {
        'services/a/main.go': main,
        'services/b/main.go': main,
        'services/b/slipway.yml': 'name: a\n',
      },
      /^services\/b\/slipway\.yml:1:1: name: "services\/a" and "services\/b" both make a service named a/,
    ],
    ['no program', { 'services/a/a.go': 'package a\n' }, /holds a Go main package/],
    [
      'several programs and none of the name',
      { 'services/a/cmd/x/main.go': main, 'services/a/cmd/y/main.go': main },
      /"services\/a" has 2 main packages under cmd and none is named a/,
    ],
  ])('are refused by their names: %s', async (_, files, message) => {
    await expect(discover({ 'go.mod': mod('m'), ...files })).rejects.toThrow(message);
  });

  it('are not found where there is no module', async () => {
    await expect(discover({ 'services/a/main.go': main })).rejects.toThrow(/there is no go.mod/);
  });

  const library = {
    'go.mod': mod('m'),
    'services/api/main.go': main,
    'services/lib/lib.go': '// Package lib is used as in\n//\npackage lib\n',
    'services/lib/doc.go': '/*\npackage main\n*/\npackage lib\n',
    'services/lib/gen.go': '//go:build ignore\n\npackage main\n\nfunc main() {}\n',
  };
  it.each([
    ['the go command says', realExec],
    ['their sources say without one', withoutGo],
  ])('are programs as %s, never a library that mentions one', async (_, exec) => {
    expect(places(await discover(library, ['services/*'], exec))).toEqual([
      ['api', 'services/api', '.', './services/api'],
    ]);
  });

  it('are programs for one of the targets at least', async () => {
    const foreign = { 'services/other/other_plan9.go': main };
    const found = await discover({ ...library, ...foreign });
    expect(found.map(({ name }) => name)).toEqual(['api']);
  });

  it('are built in their own module, with the Go that it asks for', async () => {
    const files = {
      'go.mod': mod('m'),
      'services/api/main.go': main,
      'services/legacy/go.mod': mod('legacy'),
      'services/legacy/cmd/server/main.go': main,
      'team/go.work': 'go 1.26\n\nuse ./billing\n',
      'team/billing/go.mod': mod('billing'),
      'team/billing/main.go': main,
      'team/tool/go.mod': mod('tool'),
      'team/tool/main.go': main,
    };
    const services = await discover(files, ['services/*', 'team/*']);
    expect(
      services.map((each) => [
        each.name,
        each.workingDirectory,
        each.package,
        each.goVersionFile,
        each.goWork,
      ]),
    ).toEqual([
      ['api', '.', './services/api', 'go.mod', ''],
      ['legacy', 'services/legacy', './cmd/server', 'services/legacy/go.mod', ''],
      ['billing', 'team/billing', '.', 'team/go.work', ''],
      ['tool', 'team/tool', '.', 'team/tool/go.mod', 'off'],
    ]);
    for (const { workingDirectory, package: of, goWork: GOWORK } of services)
      await realExec('go', ['build', '-o', os.devNull, of], {
        cwd: path.join(folder, String(number), workingDirectory),
        addEnv: { GOWORK, GOFLAGS: '' },
      });
  });
});
