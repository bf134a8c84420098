import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  startRegistry,
  type Interference,
  type TestRegistry,
} from '../../../packages/artifact/test/registry-server.ts';
import { useBuildAction } from './build-action.ts';
import { commitModule, stampedMain } from './go-module.ts';

jest.setTimeout(300_000);

const action = useBuildAction();
const started: TestRegistry[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((registry) => registry.close()));
});

async function registry(rules?: Interference): Promise<TestRegistry> {
  const one = await startRegistry(rules);
  started.push(one);
  return one;
}

const api = { 'cmd/api/main.go': stampedMain, LICENSE: 'free\n' };
const version = 'v1.2.3';

/** A run that must fail before it builds anything. */
async function refused(
  files: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = action.workspace(files);
  const result = await action.run(folder, { version, ...inputs }, { env });
  expect([result.exitCode, result.stdout.includes('Building')]).toEqual([1, false]);
  expect(existsSync(path.join(folder, 'dist', 'checksums.txt'))).toBe(false);
  return result.stdout;
}

describe('before anything is built it is told', () => {
  test('that no target makes an image', async () => {
    const told = await refused(api, { image: '127.0.0.1:1/acme', targets: 'windows/amd64' });
    expect(told).toContain('none of the targets is linux or wasip1');
  });

  test('that a program has a name that no repository can have', async () => {
    const files = { 'cmd/api.-x/main.go': stampedMain, 'cmd/b/main.go': stampedMain };
    const told = await refused(files, { image: '127.0.0.1:1/acme' });
    expect(told).toMatch(/image of api\.-x: .*a part of its path is not valid/);
  });

  test('that two programs would share a repository', async () => {
    const files = { 'cmd/a+b/main.go': stampedMain, 'cmd/a~b/main.go': stampedMain };
    const told = await refused(files, { image: '127.0.0.1:1/acme' });
    expect(told).toContain('a+b and a~b would both be 127.0.0.1:1/acme/a-b');
  });

  test('that output-dir is a file', async () => {
    const told = await refused({ ...api, out: '' }, { 'output-dir': 'out' });
    expect(told).toMatch(/output-dir: .*out is a file/);
  });

  test.each([
    ['{"auths": "s3cret', /config\.json is no JSON object/],
    ['null', /config\.json is no JSON object/],
    [
      '{"credsStore": "absent"}',
      /docker-credential-absent, which Docker's config\.json names for 127\.0\.0\.1:1, could not be run/,
    ],
  ])("that Docker's configuration %s is of no use, without quoting it", async (text, why) => {
    const config = path.join(action.workspace({}), 'docker');
    mkdirSync(config);
    writeFileSync(path.join(config, 'config.json'), text);
    const told = await refused(api, { image: '127.0.0.1:1/acme' }, { DOCKER_CONFIG: config });
    expect(told).toMatch(why);
    expect(told).not.toContain('s3cret');
  });

  test.each([401, 403])(
    "that a push is answered %i, in the registry's own words",
    async (status) => {
      const { host } = await registry((_, response) => {
        const errors = [{ code: 'DENIED', message: 'the repository is archived' }];
        response.writeHead(status).end(JSON.stringify({ errors }));
        return true;
      });
      const told = await refused(api, { image: `${host}/acme/api` });
      expect(told).toContain(`answered ${status} when beginning an upload`);
      expect(told).toContain('DENIED the repository is archived');
    },
  );
});

describe('after a push that failed', () => {
  test('the files are whole and listed, with the images that were pushed', async () => {
    const { host } = await registry((request, response) => {
      if (request.method !== 'PUT' || request.url?.includes('/worker/manifests/') !== true)
        return false;
      response.writeHead(403).end();
      return true;
    });
    const folder = action.workspace({ ...api, 'cmd/worker/main.go': stampedMain });
    const result = await action.run(folder, { version, image: `${host}/acme` });
    expect(result.exitCode).toBe(1);
    const dist = path.join(folder, 'dist');
    expect(result.outputs['checksums']).toBe(path.join(dist, 'checksums.txt'));
    const listed = JSON.parse(readFileSync(result.outputs['artifacts'] ?? '', 'utf8')) as {
      type: string;
      name: string;
      path?: string;
    }[];
    expect(listed.map(({ type }) => type)).toEqual([
      ...['Binary', 'Binary', 'Archive', 'Archive', 'SBOM', 'SBOM', 'Checksum'],
      ...['Metadata', 'Metadata', 'Docker Image'],
    ]);
    expect(listed.at(-1)?.name).toBe(`${host}/acme/api`);
    for (const { path: file } of listed.slice(0, -1))
      expect(existsSync(path.join(folder, file ?? 'none'))).toBe(true);
  });
});

describe('files of another version in output-dir', () => {
  test('are refused by name before the build, or removed with clean, and nothing else is', async () => {
    const folder = action.workspace({ ...api, 'cmd/old/main.go': stampedMain });
    const dist = path.join(folder, 'dist');
    await action.run(folder, { version: 'v1.0.0' });
    writeFileSync(path.join(dist, 'notes.txt'), 'of the user');
    const inputs = { version, packages: './cmd/api' };
    const refusal = await action.run(folder, inputs);
    expect(refusal.exitCode).toBe(1);
    expect(refusal.stdout).not.toContain('Building');
    expect(refusal.stdout).toMatch(/holds files of another version.*old_1\.0\.0_linux_amd64/);
    expect((await action.run(folder, { ...inputs, clean: 'true' })).exitCode).toBe(0);
    expect(readdirSync(dist).sort()).toEqual([
      'api_1.2.3_linux_amd64.cdx.json',
      'api_1.2.3_linux_amd64.tar.gz',
      'artifacts.json',
      'checksums.txt',
      'linux_amd64',
      'metadata.json',
      'notes.txt',
      'rebuild.json',
    ]);
    expect(readdirSync(path.join(dist, 'linux_amd64'))).toEqual(['api']);
  });

  test('and of the same version stay, since another step may have built them', async () => {
    const folder = action.workspace({ ...api, 'cmd/old/main.go': stampedMain });
    await action.run(folder, { version, packages: './cmd/old' });
    expect((await action.run(folder, { version, packages: './cmd/api' })).exitCode).toBe(0);
    expect(readdirSync(path.join(folder, 'dist', 'linux_amd64'))).toEqual(['api', 'old']);
  });
});

test('without archives each program is there for download under a name of its own, which is summed', async () => {
  const folder = action.workspace(api);
  const inputs = {
    version,
    archive: 'false',
    sbom: 'false',
    targets: 'linux/amd64\nwindows/amd64',
  };
  await action.run(folder, inputs);
  const sums = readFileSync(path.join(folder, 'dist', 'checksums.txt'), 'utf8');
  const names = sums
    .trim()
    .split('\n')
    .map((line) => line.split('  ')[1] ?? '');
  expect(names).toEqual(['api_1.2.3_linux_amd64', 'api_1.2.3_windows_amd64.exe']);
  for (const name of names) expect(existsSync(path.join(folder, 'dist', name))).toBe(true);
});

describe('a checkout with changes', () => {
  const tag = { GITHUB_REF: 'refs/tags/v1.2.3' };
  const changed = (): string => {
    const folder = action.workspace(api);
    commitModule(folder);
    writeFileSync(path.join(folder, 'stray.go'), 'package m\n');
    return folder;
  };

  test('is refused on a tag, by the names of its files, but not with dirty: warn', async () => {
    const folder = changed();
    const refusal = await action.run(folder, {}, { env: tag });
    expect(refusal.exitCode).toBe(1);
    expect(refusal.stdout).toMatch(/changes that are not committed.*: stray\.go\./);
    const warned = await action.run(folder, { dirty: 'warn', 'plan-only': 'true' }, { env: tag });
    expect(warned.exitCode).toBe(0);
    expect(warned.stdout).toMatch(/::warning::The checkout has changes.*: stray\.go\./);
  });

  test('is a warning elsewhere, unless dirty: fail', async () => {
    const folder = changed();
    const env = { GITHUB_REF: 'refs/heads/main' };
    const inputs = { 'plan-only': 'true' };
    expect((await action.run(folder, inputs, { env })).exitCode).toBe(0);
    expect((await action.run(folder, { ...inputs, dirty: 'fail' }, { env })).exitCode).toBe(1);
  });
});

test('programs are called as the input says, and one that names none is told', async () => {
  const folder = action.workspace(api);
  const program = './cmd/api=shop-api\n./cmd/none=x';
  const { stdout, outputs } = await action.run(folder, { version, program });
  expect(stdout).toMatch(/::warning::program: \.\/cmd\/none is none of the programs/);
  expect(readFileSync(outputs['checksums'] ?? '', 'utf8')).toContain(
    'shop-api_1.2.3_linux_amd64.tar.gz',
  );
});
