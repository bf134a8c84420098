import { describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheTrust, type BuildCacheMode } from '../src/cache-trust.ts';
import { cacheAccess, cacheEnvironment } from '../src/cache-availability.ts';
import { emptyPatterns, findGoSumFiles } from '../src/go-sum-files.ts';
import { isPrivateModule, readGoSum } from '../src/layer/index.ts';
import { buildKeys, moduleKeys, packKey } from '../src/layer-key.ts';

describe('the key of a build layer', () => {
  const parts = {
    os: 'linux',
    arch: 'amd64',
    goVersion: '1.26.8',
    job: 'test',
    settings: { GOFLAGS: '-tags=token_hunter2', CGO_ENABLED: undefined },
    trust: { saves: 'open', restores: ['open'] } as const,
  };

  test('shows the machine and the toolchain, and nothing of the environment', () => {
    const { prefix, lookup } = buildKeys(parts);
    expect(prefix).toMatch(
      /^slipway-build-v3-open-linux-amd64-go1\.26\.8-[0-9a-f]{8}-[0-9a-f]{8}-$/,
    );
    expect(JSON.stringify(lookup)).not.toContain('hunter2');
  });

  test('is looked up from the same job to any job with the toolchain', () => {
    const { prefix, lookup } = buildKeys(parts);
    const other = buildKeys({ ...parts, job: 'lint' });
    expect(lookup[1]).toBe(prefix);
    expect(other.prefix).not.toBe(prefix);
    expect(other.lookup.slice(2)).toEqual(lookup.slice(2));
    expect(other.prefix.startsWith(lookup[2] ?? 'x')).toBe(true);
  });

  test('differs between settings of the compiler and between toolchains', () => {
    const prefixes = [
      parts,
      { ...parts, settings: { GOOS: 'windows' } },
      { ...parts, settings: { CGO_ENABLED: '0' } },
      { ...parts, goVersion: '1.26.9' },
      { ...parts, arch: 'arm64' },
    ].map((one) => buildKeys(one).prefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  test('carries who made the entry, and is looked up among those that may be restored', () => {
    const trust = { saves: 'open', restores: ['protected'] } as const;
    const { prefix, lookup } = buildKeys({ ...parts, trust });
    expect(prefix).toContain('-open-');
    for (const key of lookup) expect(key).toMatch(/^slipway-build-v3-protected-/);
    expect(buildKeys({ ...parts, trust: { saves: 'open', restores: [] } }).lookup).toEqual([]);
    const both = buildKeys({ ...parts, trust: { ...trust, restores: ['open', 'protected'] } });
    expect(both.lookup.map((key) => key.split('-')[3])).toEqual([
      ...['open', 'open', 'protected', 'open', 'protected', 'open', 'protected'],
    ]);
  });

  test('is one that the service takes, whatever the job is called', () => {
    const { lookup } = buildKeys({ ...parts, job: 'a,b\n::c'.repeat(500), goVersion: '1,2\n3' });
    for (const key of lookup) expect(key).toMatch(/^[A-Za-z0-9._-]{1,512}$/);
  });
});

describe('the build entries of a run', () => {
  const main = { eventName: 'push', refType: 'branch', refProtected: true };
  const tag = { eventName: 'push', refType: 'tag', refProtected: false };
  test.each<[string, BuildCacheMode, typeof main, string, string[]]>([
    ['a protected branch', 'trusted', main, 'protected', ['protected']],
    ['a protected branch', 'all', main, 'protected', ['protected', 'open']],
    ['a tag', 'trusted', tag, 'open', ['protected']],
    ['a tag', 'all', tag, 'open', ['open', 'protected']],
    ['a tag', 'off', tag, 'open', []],
    ['a release', 'trusted', { ...tag, eventName: 'release' }, 'open', ['protected']],
    [
      'a branch without protection',
      'trusted',
      { ...main, refProtected: false },
      'open',
      ['open', 'protected'],
    ],
    [
      'a pull request',
      'trusted',
      { eventName: 'pull_request', refType: 'branch', refProtected: false },
      'open',
      ['open', 'protected'],
    ],
    [
      'a stranger’s code beside the protected branch',
      'trusted',
      { ...main, eventName: 'pull_request_target' },
      'open',
      ['protected'],
    ],
  ])('of %s with build-cache: %s', (_, mode, facts, saves, restores) => {
    expect(cacheTrust(mode, facts)).toEqual({ saves, restores });
  });
});

describe('the keys of a module layer', () => {
  const file = (name: string, text: string) => ({ name, text });

  test('depend on what the go.sum files say and on their names, not on their order', () => {
    const keys = moduleKeys([file('a/go.sum', '1'), file('b/go.sum', '2')]);
    expect(moduleKeys([file('b/go.sum', '2'), file('a/go.sum', '1')])).toEqual(keys);
    expect(moduleKeys([file('a/go.sum', '1'), file('b/go.sum', '3')])).not.toEqual(keys);
  });

  test('lead from the same go.sum over its other versions to any', () => {
    const now = moduleKeys([file('go.sum', 'new')]);
    const before = moduleKeys([file('go.sum', 'old')]);
    const other = moduleKeys([file('other/go.sum', 'new')]);
    const rank = (prefix: string): number =>
      now.lookup.findIndex((key) => `${prefix}1`.startsWith(key));
    expect([now, before, other].map(({ prefix }) => rank(prefix))).toEqual([1, 2, 3]);
  });
});

test('the key of a pack is that of its content and of who wrote it', () => {
  expect(packKey('open', 'a')).toMatch(/^slipway-pack-v3-open-[0-9a-f]{32}$/);
  expect(packKey('open', 'a')).toBe(packKey('open', 'a'));
  const keys = [packKey('open', 'a'), packKey('open', 'b'), packKey('protected', 'a')];
  expect(new Set(keys).size).toBe(3);
});

test.each([
  ['example.com/acme/private', 'example.com/acme', true],
  ['example.com/acme/private', 'example.com/*', true],
  ['example.com/acme', 'example.com/acme/private', false],
  ['example.com/acmefoo', 'example.com/acme', false],
  ['git.corp.example/x', '*.corp.example', true],
  ['example.com/a', 'other.com, example.com', true],
  ['example.com/a', '', false],
  ['example.com/a', 'example.com/[', true],
  ['exampleXcom/a', 'example.com', false],
])('%s is private under GOPRIVATE=%s: %s', (module, patterns, expected) => {
  expect(isPrivateModule(module, patterns)).toBe(expected);
});

test('go.sum is read line by line, and what is no checksum is passed over', () => {
  const text = [
    'github.com/BurntSushi/toml v1.4.0 h1:kuoIxZQy2WRRk1pttg9asf+WVv6tWQuBNVmK8+nqPr0=',
    'github.com/BurntSushi/toml v1.4.0/go.mod h1:ukJfTF/6rtPPRCnwkur4qwRxa8vTRFBF0uk2lLoLwho=',
    '<<<<<<< HEAD',
    '../../etc/passwd',
    '',
  ].join('\r\n');
  expect(readGoSum(text)).toEqual([{ module: 'github.com/BurntSushi/toml', version: 'v1.4.0' }]);
});

describe('looking for go.sum files', () => {
  async function checkout(names: readonly string[]): Promise<string> {
    const folder = await fs.mkdtemp(path.join(tmpdir(), 'slipway-sums-'));
    for (const name of names) {
      await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await fs.writeFile(path.join(folder, name), name);
    }
    return folder;
  }

  test('finds those of all modules but not of dependencies and test data', async () => {
    const folder = await checkout([
      ...['go.sum', 'services/api/go.sum', 'go.work.sum', 'vendor/x/go.sum', '.git/go.sum'],
      ...['node_modules/x/go.sum', 'a/testdata/go.sum', '_old/go.sum', 'go.mod'],
    ]);
    const found = await findGoSumFiles(folder, []);
    expect(found.map(({ text }) => text)).toEqual(['go.sum', 'go.work.sum', 'services/api/go.sum']);
    await fs.rm(folder, { recursive: true });
  });

  test('takes globs instead, and go.sum beside a go.mod that they name', async () => {
    const folder = await checkout(['go.sum', 'a/go.mod', 'a/go.sum', 'b/go.sum']);
    const found = await findGoSumFiles(folder, ['a/go.mod', '../**/go.sum']);
    expect(found.map(({ text }) => text)).toEqual(['a/go.mod', 'a/go.sum']);
    await fs.rm(folder, { recursive: true });
  });

  test('finds the sums of tools beside go.tool.mod', async () => {
    const folder = await checkout(['go.tool.mod', 'go.tool.sum', 'mago.sum']);
    const texts = async (...patterns: string[]): Promise<string[]> =>
      (await findGoSumFiles(folder, patterns)).map(({ text }) => text);
    expect(await texts()).toEqual(['go.tool.sum']);
    expect(await texts('go.tool.mod')).toEqual(['go.tool.mod', 'go.tool.sum']);
    await fs.rm(folder, { recursive: true });
  });

  test('tells which globs name nothing', async () => {
    const folder = await checkout(['a/go.sum']);
    const patterns = ['**/go.sum', 'b/go.sum', '!c/**', '*.sum'];
    expect(await emptyPatterns(folder, patterns)).toEqual(['b/go.sum', '*.sum']);
    await fs.rm(folder, { recursive: true });
  });

  test('takes globs out again, and folders for the go.sum files in them', async () => {
    const folder = await checkout(['a/go.sum', 'a/b/go.sum', 'a/b/main.go', 'c/go.sum', 'c.txt']);
    const texts = async (...patterns: string[]): Promise<string[]> =>
      (await findGoSumFiles(folder, patterns)).map(({ text }) => text);
    expect(await texts('**/go.sum', '!a/b/**')).toEqual(['a/go.sum', 'c/go.sum']);
    expect(await texts('a', 'c.txt')).toEqual(['a/b/go.sum', 'a/go.sum', 'c.txt']);
    await fs.rm(folder, { recursive: true });
  });
});

describe('whether there is a cache service', () => {
  const hosted = { ACTIONS_RESULTS_URL: 'https://results.example/', ACTIONS_RUNTIME_TOKEN: 't' };

  test.each([
    {},
    { ACTIONS_RESULTS_URL: 'https://results.example/' },
    { ACTIONS_RUNTIME_TOKEN: 't' },
  ])('is answered with a reason: %j', (env) => {
    const reason = expect.stringContaining('no cache service') as unknown;
    expect(cacheAccess(env)).toEqual({ unavailable: reason });
  });

  test.each([
    [hosted],
    [{ ACTIONS_CACHE_URL: 'https://ghes.example/', ACTIONS_RUNTIME_TOKEN: 't' }],
    [{ ACTIONS_CACHE_URL: 'http://act.example/' }],
    [{ ...hosted, GITHUB_SERVER_URL: 'https://ghes.corp.example' }],
  ])('is told by either version of the protocol: %j', (env) => {
    expect(cacheAccess(env)).toEqual({ readable: true, writable: true });
  });

  test.each([
    [undefined, true, true],
    ['none', false, false],
    ['read', true, false],
    ['write', true, true],
    ['write-only', false, true],
    ['something new', true, true],
  ])('ACTIONS_CACHE_MODE=%s allows reading %s and writing %s', (mode, readable, writable) => {
    const env = { ...hosted, ...(mode === undefined ? {} : { ACTIONS_CACHE_MODE: mode }) };
    expect(cacheAccess(env)).toEqual({ readable, writable });
  });

  test('is asked with the token of the cache, and without inputs, state and identity', () => {
    const env = {
      ...{ ...hosted, https_proxy: 'http://proxy', GITHUB_SERVER_URL: 'https://ghes.example' },
      ...{ INPUT_NETRC: 'secret', STATE_x: 'y', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'id' },
      ...{ GITHUB_OUTPUT: '/file', RUNNER_DEBUG: '1', TAR_OPTIONS: '--verbose' },
    };
    expect(cacheEnvironment(env)).toEqual({
      ...hosted,
      ...{ https_proxy: 'http://proxy', GITHUB_SERVER_URL: 'https://ghes.example' },
    });
    expect(cacheEnvironment({ ...hosted, GITHUB_SERVER_URL: 'no address' })).toEqual(hosted);
  });
});
