import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { releaseName, toolchainOnPath, toolchainPlatform } from '@slipway/go';
import { readRunnerEnvironment } from '@slipway/runtime';
import { runBundle, type BundleResult } from '@slipway/testing';
import { checksumOf, moduleZip } from '../../packages/go/test/module-zip.ts';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { startCacheService, type CacheServer } from '../lab/cache-service/index.ts';

jest.setTimeout(180_000);

const run = promisify(execFile);
let hostVersion: string;
let scratch: string;
let workspace: string;
let service: CacheServer;

beforeAll(async () => {
  await ensureBundles(['setup-go-cached']);
  const { os } = readRunnerEnvironment(process.env);
  const found = await toolchainOnPath(process.env, toolchainPlatform(os, process.arch));
  if (found === undefined) throw new Error('These tests need a Go in PATH.');
  hostVersion = releaseName(found.version);
});

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-setup-go-'));
  workspace = path.join(scratch, 'workspace');
  service = await startCacheService();
  await writeModule();
});

afterEach(async () => {
  await service.close();
  await run('chmod', ['-R', 'u+w', scratch]);
  await fs.rm(scratch, { recursive: true, force: true });
});

const dependency = 'example.com/dep@v1.0.0';

/** A program with one dependency, which a GOPROXY in a folder serves. */
async function writeModule(): Promise<void> {
  const proxy = path.join(scratch, 'proxy', 'example.com', 'dep', '@v');
  await fs.mkdir(proxy, { recursive: true });
  const files = {
    [`${dependency}/go.mod`]: 'module example.com/dep\n',
    [`${dependency}/dep.go`]: 'package dep\n\nconst Word = "hello"\n',
  };
  await fs.writeFile(path.join(proxy, 'v1.0.0.info'), '{"Version":"v1.0.0"}');
  await fs.writeFile(path.join(proxy, 'v1.0.0.mod'), 'module example.com/dep\n');
  await fs.writeFile(path.join(proxy, 'v1.0.0.zip'), await moduleZip(files));
  const modSum = checksumOf({ 'go.mod': 'module example.com/dep\n' });
  await fs.mkdir(workspace, { recursive: true });
  const write = (name: string, text: string): Promise<void> =>
    fs.writeFile(path.join(workspace, name), text);
  await write('go.mod', 'module example.com/m\n\ngo 1.22\n\nrequire example.com/dep v1.0.0\n');
  await write(
    'go.sum',
    `example.com/dep v1.0.0 ${checksumOf(files)}\nexample.com/dep v1.0.0/go.mod ${modSum}\n`,
  );
  await write(
    'main.go',
    // Without fmt there is little of the standard library to compile.
    'package main\n\nimport "example.com/dep"\n\nfunc main() { println(dep.Word) }\n',
  );
}

interface Job {
  main: BundleResult;
  printed: string;
  post: BundleResult;
}

const base = (token: string, env: Record<string, string> = {}) => ({
  ...{ action: 'setup-go-cached', scratch, workspace, timeoutMs: 120_000 },
  env: {
    ...service.environment(token),
    ...{ GOPROXY: pathToFileURL(path.join(scratch, 'proxy')).href, GOSUMDB: 'off' },
    ...env,
  },
});

/** What a job does between main and post. `plant` stands for a build that fills the build cache. */
type Step = 'build' | 'download' | 'plant' | 'nothing';

/** main, a step, post: on a machine that kept nothing of an earlier job. */
async function job(
  step: Step,
  options: {
    token?: string;
    inputs?: Record<string, string>;
    env?: Record<string, string>;
    /** What later steps set. */
    laterEnv?: Record<string, string>;
  } = {},
): Promise<Job> {
  const home = path.join(scratch, 'home');
  await run('chmod', ['-R', 'u+w', home]).catch(() => undefined);
  await fs.rm(home, { recursive: true, force: true });
  const common = base(options.token ?? service.runtimeToken('refs/heads/main'), options.env);
  const inputs = { 'go-version': hostVersion, ...options.inputs };
  const main = await runBundle({ ...common, inputs });
  const go = (...args: string[]) =>
    run('go', args, {
      cwd: workspace,
      env: {
        ...{ HOME: home, GOPROXY: common.env.GOPROXY, GOSUMDB: 'off', GOFLAGS: '-buildvcs=false' },
        ...main.exportedEnv,
        PATH: [...main.path, process.env['PATH'] ?? ''].join(path.delimiter),
      },
    });
  const program = path.join(scratch, 'program');
  let printed = '';
  if (step === 'download') await go('mod', 'download');
  if (step === 'plant') {
    const content = Buffer.alloc(2_000_000);
    const name = createHash('sha256').update(content).digest('hex');
    const folder = path.join(home, '.cache', 'go-build', name.slice(0, 2));
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, `${name}-d`), content);
  }
  if (step === 'build') {
    await go('build', '-o', program, '.');
    // println writes to standard error.
    printed = (await run(program)).stderr.trim();
  }
  const post = await runBundle({
    ...common,
    env: { ...common.env, ...options.laterEnv },
    ...{ phase: 'post', after: main },
  });
  return { main, printed, post };
}

const mainToken = (): string => service.runtimeToken('refs/heads/main');
const withoutService = { ACTIONS_CACHE_SERVICE_V2: '', ACTIONS_RESULTS_URL: '' };

describe('setup-go-cached', () => {
  test.each([1, 2] as const)(
    'gives the next job what this one has, by version %i',
    async (version) => {
      const env = { ...withoutService, ...service.environment(mainToken(), version) };
      const first = await job('build', { env });
      expect(first.main.outputs).toMatchObject({
        ...{ 'go-version': hostVersion, 'cache-hit': 'false', 'build-cache-hit': 'false' },
      });
      expect(first.main.exportedEnv).toMatchObject({ GOTOOLCHAIN: 'local' });
      expect(first.post.stdout).toMatch(/build cache: saved \d+ files/);
      expect(first.post.stdout).toMatch(/modules cache: saved 3 files/);
      // The second job has no proxy any more: what it builds with came from the cache.
      await fs.rm(path.join(scratch, 'proxy'), { recursive: true });
      const second = await job('build', { env });
      expect(second.printed).toBe('hello');
      expect(second.main.outputs).toMatchObject({ 'cache-hit': 'true', 'build-cache-hit': 'true' });
      expect(second.post.stdout).toMatch(/build cache: not saved: .* new was compiled/);
      expect(second.main.summary).toContain(`setup-go-cached: Go ${hostVersion}: done`);
      expect(second.main.summary).toContain('all that this job needs restored');
    },
  );

  test.each([
    [{ GITHUB_REF_TYPE: 'tag' }, {}, 'false'],
    [{ GITHUB_REF_TYPE: 'tag' }, { 'build-cache': 'all' }, 'true'],
    [{ GITHUB_REF_TYPE: 'branch' }, {}, 'true'],
  ])('restores for %j with %j the build results of any job: %s', async (env, inputs, hit) => {
    await job('plant', { env: { GITHUB_REF_TYPE: 'branch', GITHUB_REF_PROTECTED: 'false' } });
    const { main } = await job('nothing', { env, inputs });
    expect(main.outputs['build-cache-hit']).toBe(hit);
  });

  test('restores for a tag the build results of a protected branch', async () => {
    await job('plant', { env: { GITHUB_REF_TYPE: 'branch', GITHUB_REF_PROTECTED: 'true' } });
    const { main } = await job('nothing', { env: { GITHUB_REF_TYPE: 'tag' } });
    expect(main.outputs['build-cache-hit']).toBe('true');
  });

  test('restores and saves modules alone with build-cache: off', async () => {
    await job('build');
    const { main, post } = await job('plant', { inputs: { 'build-cache': 'off' } });
    expect(main.outputs).toMatchObject({ 'cache-hit': 'true', 'build-cache-hit': 'false' });
    expect(post.stdout).toContain('build cache: not saved: build-cache is off');
    const keys = service.stats().entries.map(({ key }) => key);
    expect(keys.filter((key) => key.startsWith('slipway-build'))).toHaveLength(1);
  });

  test.each([
    ['from the start', { env: { GOPRIVATE: 'example.com/*' } }],
    ['by a later step', { laterEnv: { GOPRIVATE: 'example.com/*' } }],
  ])('keeps private modules out of the cache: %s', async (_, options) => {
    const { post } = await job('download', options);
    expect(post.stdout).toContain('no modules downloaded');
    const keys = service.stats().entries.map(({ key }) => key);
    expect(keys.filter((key) => key.startsWith('slipway-modules'))).toEqual([]);
  });

  test('refuses a module that the cache entry has, but not as go.sum says', async () => {
    await job('download');
    await fs.writeFile(
      path.join(workspace, 'go.sum'),
      (await fs.readFile(path.join(workspace, 'go.sum'), 'utf8')).replace(/h1:..../, 'h1:AAAA'),
    );
    await expect(job('download')).rejects.toThrow(/checksum mismatch|SECURITY ERROR/);
  });

  test.each<[string, (running: CacheServer) => Promise<void> | void]>([
    ['away', (running) => running.close()],
    ['answering 503', (running) => running.failNext({ operation: 'any', status: 503, times: 99 })],
    ['answering 429', (running) => running.failNext({ operation: 'any', status: 429, times: 99 })],
    ['silent', (running) => running.failNext({ operation: 'any', silent: true, times: 99 })],
  ])('goes on without a cache when the service is %s', async (_, trouble) => {
    await trouble(service);
    const { main, post } = await job('plant');
    expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
    expect(main.stdout).toMatch(/build cache: (?:not restored|given up): /);
    expect([...main.annotations, ...post.annotations]).toEqual([]);
  });

  test('saves nothing with a read-only token, and that is no warning', async () => {
    const token = service.runtimeToken({ scope: 'refs/pull/1/merge', permission: 'read' });
    const { post } = await job('plant', { token });
    expect(post.stdout).toContain('not saved: this run may only read caches');
    expect(post.annotations).toEqual([]);
  });

  test('neither asks nor saves with cache: false, and only restores with cache-save: false', async () => {
    await job('plant', { inputs: { cache: 'false' } });
    expect(service.stats().requests).toEqual({});
    await job('plant', { inputs: { 'cache-save': 'false' } });
    expect(service.stats().requests).toEqual({ GetCacheEntryDownloadURL: 2 });
  });

  test.each([
    ['go 1.24$(id)\n', 'is not a Go version'],
    ['go 1.24\ntoolchain ../../bin/sh\n', 'is no Go release'],
  ])('refuses the go.mod %j', async (text, message) => {
    await fs.writeFile(path.join(workspace, 'go.mod'), text);
    const main = await runBundle({
      ...base(service.runtimeToken('refs/heads/main')),
      inputs: { 'go-version-file': 'go.mod' },
    });
    expect(main.exitCode).toBe(1);
    expect(main.annotations).toHaveLength(1);
    expect(main.annotations[0]?.message).toContain(message);
    expect(main.summary).toContain('setup-go-cached: failed');
  });
});

test.each(['module m\n', 'go \n::error::1.24\n'])(
  'goes on with the Go in PATH where the go.mod is %j, and where GITHUB_SERVER_URL is no URL',
  async (text) => {
    await fs.writeFile(path.join(workspace, 'go.mod'), text);
    const main = await runBundle({
      ...base(service.runtimeToken('refs/heads/main'), { GITHUB_SERVER_URL: 'no url' }),
      inputs: { 'go-version-file': 'go.mod' },
    });
    expect(main).toMatchObject({ exitCode: 0, outputs: { 'go-version': hostVersion } });
    expect(main.annotations.map(({ message }) => message)).toEqual([
      'go.mod names no Go version; the Go in PATH is used.',
    ]);
  },
);
