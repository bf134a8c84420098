import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { readRunnerEnvironment, type Run } from '@slipway/runtime';
import { fakeLog, inputValues } from '@slipway/testing';
import {
  basic,
  httpsHost,
  privateModule,
  sshKeyPair,
} from '../../../packages/go/test/access/git-hosts.ts';
import { parseInputs } from '../src/inputs.ts';
import { post } from '../src/post.ts';
import { isAccessFolder, reachPrivateModules, withPatterns } from '../src/private-modules.ts';

jest.setTimeout(180_000);

const run = promisify(execFile);
const token = 'ghs_0123456789abcdefghij';

let scratch: string;
let host: Awaited<ReturnType<typeof httpsHost>>;
let env: Record<string, string | undefined>;
let log: ReturnType<typeof fakeLog>;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-private-'));
  for (const name of ['workspace', 'temp', 'home']) await fs.mkdir(path.join(scratch, name));
  const kit = await privateModule(scratch, 'acme');
  const authorization = basic('x-access-token', token);
  host = await httpsHost(scratch, { acme: { repository: kit.repository, authorization } });
  await fs.writeFile(
    path.join(scratch, 'workspace', 'go.mod'),
    `module example.com/m\n\ngo 1.24\n\nrequire ${kit.module} ${kit.version}\n`,
  );
  await fs.writeFile(path.join(scratch, 'workspace', 'go.sum'), `${kit.sums.join('\n')}\n`);
  // The user's own configuration stays in force: it says where the host is.
  await fs.writeFile(
    path.join(scratch, 'home', '.gitconfig'),
    `[url "https://127.0.0.1:${host.port}/"]\n\tinsteadOf = https://127.0.0.1/\n`,
  );
  env = {
    PATH: process.env['PATH'],
    HOME: path.join(scratch, 'home'),
    // Telemetry of the go command would go on writing below the home.
    XDG_CONFIG_HOME: os.devNull,
    ...{ GOPROXY: 'off', GOTOOLCHAIN: 'local', GIT_CONFIG_NOSYSTEM: '1', GIT_SSL_CAINFO: host.ca },
  };
  log = fakeLog();
});
afterEach(async () => {
  host.close();
  await run('go', ['clean', '-modcache'], { env: { ...env, ...caches() } });
  await fs.rm(scratch, { recursive: true, force: true });
});

const caches = () => ({
  GOMODCACHE: path.join(scratch, 'modules'),
  GOCACHE: path.join(scratch, 'build'),
});
const temp = (): string => path.join(scratch, 'temp');

/** What the step does with its inputs; what it exports, and of which folders it tells before they are filled. */
async function step(values: Record<string, string>) {
  const runner = readRunnerEnvironment({
    GITHUB_WORKSPACE: path.join(scratch, 'workspace'),
    RUNNER_TEMP: temp(),
    GITHUB_REPOSITORY: 'acme/app',
  });
  const inputs = parseInputs(inputValues(values), runner);
  const exported: Record<string, string> = {};
  const told: [string, readonly string[]][] = [];
  const stepEnv = withPatterns(inputs.privateModules.patterns, env, {});
  const { GOMODCACHE: moduleCache, GOCACHE: buildCache } = caches();
  await reachPrivateModules(
    { exec: systemExec({ log, env: stepEnv }), log },
    {
      ...{ modules: inputs.privateModules, verify: inputs.verifyModules },
      ...{ folder: inputs.workingDirectory, go: 'go', runner, env: stepEnv },
      folders: { goPath: path.join(scratch, 'go'), moduleCache, buildCache },
      onFolder: (left) => told.push([left, readdirSync(left)]),
      exportVariable: (name, value) => void (exported[name] = value),
      signal: new AbortController().signal,
    },
  );
  return { exported, told };
}

/** What a later step downloads, into a module cache of its own. */
const laterDownload = (exported: Record<string, string>) =>
  run('go', ['mod', 'download'], {
    cwd: path.join(scratch, 'workspace'),
    env: { ...env, ...caches(), ...exported },
  });

const kitFile = (): Promise<string> =>
  fs.readFile(path.join(scratch, 'modules', '127.0.0.1/acme/kit.git@v0.1.0', 'kit.go'), 'utf8');

/** post of a job whose main left this folder. */
const postAfter = (folder: string | undefined): Promise<void> => {
  const load: Run['state']['load'] = (name, check) => {
    const value: unknown = name === 'privateAccess' ? folder : undefined;
    return check(value) ? value : undefined;
  };
  return post({ state: { load } } as unknown as Run);
};

describe('the private modules of a folder', () => {
  test.each([
    ['a token', { 'private-token': token }],
    ['a .netrc', { netrc: `machine 127.0.0.1\n  login x-access-token\n  password ${token}` }],
  ])('are on disk after a step with %s, and its credentials nowhere', async (_, values) => {
    const { exported, told } = await step({ 'private-modules': '127.0.0.1/acme', ...values });
    expect(await kitFile()).toContain('fair winds');
    expect(host.asked['acme']).toContain(basic('x-access-token', token));
    expect(await fs.readdir(temp())).toEqual([]);
    // What a kill would leave is known before there is anything to leave.
    expect(told.map(([left, files]) => [path.dirname(left), files])).toEqual([[temp(), []]]);
    expect(told.every(([left]) => isAccessFolder(left))).toBe(true);
    expect(exported).toEqual({ GOPRIVATE: '127.0.0.1/acme' });
    await expect(
      laterDownload({ ...exported, GOMODCACHE: path.join(scratch, 'other') }),
    ).rejects.toThrow('no secure protocol');
  });

  test('are reached by all steps of the job when it says so, until post', async () => {
    const { exported, told } = await step({
      ...{ 'private-modules': '127.0.0.1/acme', 'private-token': token, 'private-access': 'job' },
    });
    const folder = told[0]?.[0] ?? '';
    for (const name of await fs.readdir(folder))
      expect((await fs.stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(exported)).not.toContain(token);
    // Git of the job's own steps waits as long as ever.
    const { stdout } = await run('git', ['config', '--list'], { env: { ...env, ...exported } });
    expect(stdout).not.toMatch(/lowspeed/i);
    await laterDownload(exported);
    expect(await kitFile()).toContain('fair winds');
    expect(await fs.readFile(path.join(scratch, 'home', '.gitconfig'), 'utf8')).not.toContain(
      'credential',
    );
    await postAfter(folder);
    expect(await fs.readdir(temp())).toEqual([]);
    // What is still in the environment leads nowhere.
    await run('git', ['version'], { env: { ...env, ...exported } });
    await run('go', ['clean', '-modcache'], { env: { ...env, ...caches() } });
    await expect(laterDownload(exported)).rejects.toThrow('no secure protocol');
  });

  test('are not had with another token, which no error quotes, and nothing is left', async () => {
    const wrong = 'ghs_another-one-altogether';
    const error = await step({ 'private-modules': '127.0.0.1', 'private-token': wrong }).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toContain('the credentials are refused by https://127.0.0.1');
    expect(JSON.stringify([error?.message, String(error?.cause), log])).not.toContain(wrong);
    expect(await fs.readdir(temp())).toEqual([]);
  });
});

test('with a key for an owner, the job keeps its own way to its own repository', async () => {
  const { exported } = await step({
    ...{ 'private-modules': 'github.com/acme/*', 'private-access': 'job' },
    'private-ssh-key': sshKeyPair().private,
  });
  const inWorkspace = path.join(scratch, 'workspace');
  await run('git', ['init', '--quiet'], { cwd: inWorkspace, env });
  const leadsTo = async (cwd: string, address: string): Promise<string> => {
    const { stdout } = await run('git', ['ls-remote', '--get-url', address], {
      ...{ cwd, env: { ...env, ...exported } },
    });
    return stdout.trim();
  };
  const own = 'https://github.com/acme/app';
  expect(await leadsTo(inWorkspace, own)).toBe(own);
  expect(await leadsTo(inWorkspace, 'git@github.com:acme/app.git')).toBe(
    'git@github.com:acme/app.git',
  );
  for (const address of ['https://github.com/acme/kit', 'git@github.com:acme/kit'])
    expect(await leadsTo(temp(), address)).toBe('ssh://git@slipway-0/acme/kit');
  expect(await leadsTo(temp(), 'https://github.com/umbrella/kit')).toBe(
    'https://github.com/umbrella/kit',
  );
});

test('what git is told by the environment already stays', async () => {
  Object.assign(env, {
    ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Ada' },
  });
  const { exported } = await step({
    ...{ 'private-modules': '127.0.0.1', 'private-token': token, 'private-access': 'job' },
  });
  const { stdout } = await run('git', ['config', 'user.name'], { env: { ...env, ...exported } });
  expect(stdout.trim()).toBe('Ada');
  expect(exported).toMatchObject({ GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_1: 'include.path' });
});
