import { describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { cacheTrust, type BuildCacheMode } from '../src/cache-trust.ts';
import { openCacheService } from '../src/cache-service.ts';
import { findGoSumFiles } from '../src/go-sum-files.ts';
import { buildKeys, contentDigest, moduleKeys } from '../src/layer-key.ts';
import { isPrivateModule, readGoSum } from '../src/module-layer.ts';

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
      /^slipway-build-v2-open-linux-amd64-go1\.26\.8-[0-9a-f]{8}-[0-9a-f]{8}-$/,
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
    for (const key of lookup) expect(key).toMatch(/^slipway-build-v2-protected-/);
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

  test('is the same for the same content', () => {
    expect(contentDigest(['a', 'b'])).toBe(contentDigest(['b', 'a']));
    expect(contentDigest(['a'])).not.toBe(contentDigest(['a', 'b']));
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

test('the key of a module layer depends on what the go.sum files say, not on where they are', () => {
  expect(moduleKeys(['a', 'b'])).toEqual(moduleKeys(['b', 'a']));
  expect(moduleKeys(['a'])[0]).not.toBe(moduleKeys(['a', 'b'])[0]);
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
  const open = (env: Record<string, string>) =>
    openCacheService({
      fetch,
      log: fakeLog(),
      clock: systemClock,
      env,
      signal: new AbortController().signal,
    });
  const hosted = {
    ACTIONS_RESULTS_URL: 'https://results.example/',
    ACTIONS_RUNTIME_TOKEN: 't',
    ACTIONS_CACHE_SERVICE_V2: 'true',
  };

  test.each([
    [{}, 'no cache service'],
    [{ ...hosted, GITHUB_SERVER_URL: 'https://ghes.corp.example' }, 'version 1'],
    [{ ...hosted, ACTIONS_CACHE_SERVICE_V2: '' }, 'version 1'],
  ])('is answered with a reason: %j', (env, reason) => {
    expect(open(env)).toEqual({ unavailable: expect.stringContaining(reason) as unknown });
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
    expect(open(env)).toMatchObject({ readable, writable });
  });
});
