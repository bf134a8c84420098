import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { goEnvironment, runBundle, type BundleOptions, type BundleResult } from '@slipway/testing';
import { basic, httpsHost, privateModule } from '../../../packages/go/test/access/git-hosts.ts';

jest.setTimeout(240_000);

const run = promisify(execFile);
const token = 'ghs_0123456789abcdefghij';
const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');

let scratch: string;
let host: Awaited<ReturnType<typeof httpsHost>>;
let step: (inputs: Record<string, string>, more?: Partial<BundleOptions>) => Promise<BundleResult>;

/** A job whose module needs a private one, on a host that wants the token; with `holds` it never answers. */
async function job(holds = false): Promise<void> {
  const kit = await privateModule(scratch, 'acme');
  const authorization = basic('x-access-token', token);
  host = await httpsHost(scratch, { acme: { repository: kit.repository, authorization, holds } });
  const workspace = path.join(scratch, 'workspace');
  for (const name of ['workspace', 'home']) await fs.mkdir(path.join(scratch, name));
  await fs.writeFile(
    path.join(workspace, 'go.mod'),
    `module example.com/m\n\ngo 1.24\n\nrequire ${kit.module} ${kit.version}\n`,
  );
  await fs.writeFile(path.join(workspace, 'go.sum'), `${kit.sums.join('\n')}\n`);
  await fs.writeFile(
    path.join(scratch, 'home', '.gitconfig'),
    `[url "https://127.0.0.1:${host.port}/"]\n\tinsteadOf = https://127.0.0.1/\n`,
  );
  step = (inputs, more = {}) =>
    runBundle({
      ...{ action: 'setup-go-cached', entry, scratch, workspace, timeoutMs: 200_000 },
      inputs: { cache: 'false', 'private-modules': '127.0.0.1/acme', ...inputs },
      ...more,
      env: {
        ...goEnvironment(),
        GOMODCACHE: path.join(scratch, 'modules'),
        ...{ GOPROXY: 'off', GIT_CONFIG_NOSYSTEM: '1', GIT_SSL_CAINFO: host.ca },
        XDG_CONFIG_HOME: os.devNull,
      },
    });
}

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-private-run-'));
});
/** Whether a process is at work in a folder: a killed step leaves its children. */
async function isBusy(folder: string): Promise<boolean> {
  const ids = await fs.readdir('/proc').catch((): string[] => []);
  const folders = ids.map((id) => fs.readlink(`/proc/${id}/cwd`).catch(() => ''));
  return (await Promise.all(folders)).includes(folder);
}

afterEach(async () => {
  host.close();
  while (await isBusy(path.join(scratch, 'workspace'))) await setTimeout(20);
  const env = { ...process.env, GOMODCACHE: path.join(scratch, 'modules') };
  await run('go', ['clean', '-modcache'], { env });
  await fs.rm(scratch, { recursive: true, force: true });
});

const credentials = async (): Promise<string[]> =>
  (await fs.readdir(path.join(scratch, 'temp'))).filter((name) =>
    name.startsWith('slipway-private'),
  );

test('a job reaches private modules from the step to post, and its token is told nobody', async () => {
  await job();
  const main = await step({
    ...{ 'private-token': token, 'private-access': 'job', 'verify-modules': 'true' },
  });
  expect([main.exitCode, main.exportedEnv['GOPRIVATE']]).toEqual([0, '127.0.0.1/acme']);
  // What post-if asks for after a cancel.
  expect(main.exportedEnv['SLIPWAY_PRIVATE_ACCESS']).toBe('held');
  expect(await credentials()).toHaveLength(1);
  const { stdout, stderr, summary, state, outputs, exportedEnv } = main;
  const masked = stdout.replace(/^::add-mask::.*$/gm, '');
  expect(JSON.stringify([masked, stderr, summary, state, outputs, exportedEnv])).not.toContain(
    token,
  );
  const post = await step({}, { phase: 'post', after: main });
  expect([post.exitCode, await credentials()]).toEqual([0, []]);
});

test('a step that is killed in the middle of a download leaves nothing behind post', async () => {
  await job(true);
  const main = await step(
    { 'private-token': token },
    { signals: [{ signal: 'SIGKILL', when: host.someoneWaits }] },
  );
  expect([main.exitCode, main.exportedEnv['SLIPWAY_PRIVATE_ACCESS']]).toEqual([137, 'held']);
  expect(await credentials()).toHaveLength(1);
  const post = await step({}, { phase: 'post', after: main });
  expect([post.exitCode, await credentials()]).toEqual([0, []]);
});
