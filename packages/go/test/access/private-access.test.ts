import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import type { PrivateModule } from '../../../../test/fixtures/private-module.ts';
import {
  downloadModules,
  readNetrc,
  readSshKeys,
  readTokens,
  writePrivateAccess,
  type PrivateAccess,
} from '../../src/access/index.ts';
import { basic, httpsHost, privateModule, sshHost, sshKeyPair, type GitHost } from './git-hosts.ts';

jest.setTimeout(180_000);

const run = promisify(execFile);
let scratch: string;
let log: ReturnType<typeof fakeLog>;
let hosts: GitHost[];
/** Of the job; the home has the user's own configuration of git. */
let env: Record<string, string>;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-access-'));
  [log, hosts] = [fakeLog(), []];
  for (const name of ['home', 'access', 'module']) await fs.mkdir(path.join(scratch, name));
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: path.join(scratch, 'home'),
    // Telemetry of the go command would go on writing below the home.
    XDG_CONFIG_HOME: os.devNull,
    GOMODCACHE: path.join(scratch, 'modules'),
    GOCACHE: path.join(scratch, 'build'),
    GOPRIVATE: '127.0.0.1',
    GOPROXY: 'off',
    GOFLAGS: '-mod=readonly',
    GOTOOLCHAIN: 'local',
    GIT_CONFIG_NOSYSTEM: '1',
  };
});
afterEach(async () => {
  for (const host of hosts) host.close();
  await run('go', ['clean', '-modcache'], { env });
  await fs.rm(scratch, { recursive: true, force: true });
});

const none: PrivateAccess = {
  credentials: [],
  netrc: '',
  sshKeys: [],
  knownHosts: '',
  credentialHelper: '',
};

/** The user's own configuration: it says where the host is, and stays in force. */
const gitconfig = (text: string): Promise<void> =>
  fs.writeFile(path.join(scratch, 'home', '.gitconfig'), text);

/** Downloads what a module needs that requires all of these. */
async function download(
  access: PrivateAccess,
  modules: readonly PrivateModule[],
  more: { secrets?: readonly string[]; verify?: boolean; sums?: string } = {},
): Promise<void> {
  const folder = path.join(scratch, 'module');
  const lines = modules.map(({ module, version }) => `require ${module} ${version}`);
  await fs.writeFile(
    path.join(folder, 'go.mod'),
    ['module example.com/m', 'go 1.24', ...lines, ''].join('\n\n'),
  );
  const sums = more.sums ?? `${modules.flatMap((each) => each.sums).join('\n')}\n`;
  await fs.writeFile(path.join(folder, 'go.sum'), sums);
  const variables = await writePrivateAccess(path.join(scratch, 'access'), access, {
    env,
    span: 'step',
  });
  await downloadModules(
    { exec: systemExec({ log, env }), log },
    {
      ...{ go: 'go', folder, env: variables, verify: more.verify === true },
      ...{ secrets: more.secrets ?? [], signal: new AbortController().signal },
    },
  );
}

const downloaded = async (owner: string): Promise<string> =>
  fs.readFile(path.join(scratch, 'modules', `127.0.0.1/${owner}/kit.git@v0.1.0`, 'kit.go'), 'utf8');

const failure = (work: Promise<void>): Promise<Error & { next?: string }> =>
  work.then(
    () => new Error('It did not fail.'),
    (thrown: unknown) => thrown as Error,
  );

describe('over https', () => {
  const tokens = { acme: 'ghs_acme0123456789', umbrella: 'ghs_umbrella0123456789' };
  let modules: PrivateModule[];
  let host: Awaited<ReturnType<typeof httpsHost>>;

  beforeEach(async () => {
    modules = [await privateModule(scratch, 'acme'), await privateModule(scratch, 'umbrella')];
    const [acme, umbrella] = modules.map(({ repository }) => repository);
    host = await httpsHost(scratch, {
      acme: { repository: acme ?? '', authorization: basic('x-access-token', tokens.acme) },
      umbrella: { repository: umbrella ?? '', authorization: basic('robot', tokens.umbrella) },
    });
    hosts.push(host);
    env['GIT_SSL_CAINFO'] = host.ca;
    await gitconfig(`[url "https://127.0.0.1:${host.port}/"]\n\tinsteadOf = https://127.0.0.1/\n`);
  });

  const both = (): string =>
    [
      `127.0.0.1:${host.port}/umbrella robot ${tokens.umbrella}`,
      `127.0.0.1:${host.port}/acme ${tokens.acme}`,
    ].join('\n');

  test('each of two owners at one host gets its own token and no other', async () => {
    await download({ ...none, credentials: readTokens(both(), []) }, modules, { verify: true });
    expect(await downloaded('acme')).toContain('fair winds');
    expect(await downloaded('umbrella')).toContain('fair winds');
    expect(new Set(host.asked['acme'])).toEqual(new Set([basic('x-access-token', tokens.acme)]));
    expect(new Set(host.asked['umbrella'])).toEqual(new Set([basic('robot', tokens.umbrella)]));
  });

  test('the lines of a .netrc do for git too', async () => {
    const netrc = `machine 127.0.0.1 login x-access-token password ${tokens.acme}`;
    await download({ ...none, netrc, credentials: readNetrc(netrc) }, modules.slice(0, 1));
    expect(await downloaded('acme')).toContain('fair winds');
  });

  test("a credential helper of the user's is asked", async () => {
    const credentialHelper = `!f() { echo username=robot; echo password=${tokens.umbrella}; }; f`;
    await download({ ...none, credentialHelper }, modules.slice(1));
    expect(await downloaded('umbrella')).toContain('fair winds');
  });

  test('a wrong token is told with its host, and is shown by nobody', async () => {
    const wrong = 'ghs_wrong0123456789';
    const credentials = readTokens(`127.0.0.1 ${wrong}`, []);
    const error = await failure(
      download({ ...none, credentials }, modules.slice(0, 1), { secrets: [wrong] }),
    );
    expect(error.message).toMatch(
      /could not be downloaded: the credentials are refused by https:\/\/127\.0\.0\.1:\d+\/acme\/kit/,
    );
    expect(error.next).toContain('may read the contents');
    expect(JSON.stringify([error.message, String(error.cause), log.lines])).not.toContain(wrong);
  });

  test('no credentials at all are told with what to give', async () => {
    const error = await failure(download({ ...none, knownHosts: '' }, modules.slice(0, 1)));
    expect(error.message).toMatch(/https:\/\/127\.0\.0\.1:\d+.* wants to know who asks/);
    expect(error.next).toContain('private-token');
  });

  test('a host that does not answer is named', async () => {
    host.close();
    const error = await failure(
      download({ ...none, credentials: readTokens(both(), []) }, modules.slice(0, 1)),
    );
    expect(error.message).toMatch(/127\.0\.0\.1.* does not answer/);
  });

  test('a go.sum that lacks a line is told, and stays as it was', async () => {
    const sums = `${modules[0]?.sums[0] ?? ''}\n`;
    const credentials = readTokens(both(), []);
    const error = await failure(
      download({ ...none, credentials }, modules.slice(0, 1), { verify: true, sums }),
    );
    expect(error.message).toMatch(
      /is not complete: it lacks 127\.0\.0\.1\/acme\/kit\.git v0\.1\.0\/go\.mod/,
    );
    expect(await fs.readFile(path.join(scratch, 'module', 'go.sum'), 'utf8')).toBe(sums);
  });

  test('a module that is not what go.sum says is refused', async () => {
    const sums = (modules[0]?.sums.join('\n') ?? '').replace(/h1:..../g, 'h1:AAAA');
    const credentials = readTokens(both(), []);
    const error = await failure(
      download({ ...none, credentials }, modules.slice(0, 1), { sums: `${sums}\n` }),
    );
    expect(error.message).toContain('a module is not what go.sum or the checksum database says');
  });
});

describe('over ssh', () => {
  const keys = { acme: sshKeyPair(), umbrella: sshKeyPair() };
  let modules: PrivateModule[];
  let host: Awaited<ReturnType<typeof sshHost>>;

  beforeEach(async () => {
    modules = [await privateModule(scratch, 'acme'), await privateModule(scratch, 'umbrella')];
    const [acme, umbrella] = modules.map(({ repository }) => repository);
    host = await sshHost({
      acme: { repository: acme ?? '', publicKey: keys.acme.public },
      umbrella: { repository: umbrella ?? '', publicKey: keys.umbrella.public },
    });
    hosts.push(host);
  });

  const access = (more: Partial<PrivateAccess> = {}): PrivateAccess => ({
    ...none,
    sshKeys: readSshKeys(
      [
        `127.0.0.1:${host.port}/acme\n${keys.acme.private}`,
        `127.0.0.1:${host.port}/umbrella\n${keys.umbrella.private}`,
      ].join('\n'),
      [],
    ),
    knownHosts: `[127.0.0.1]:${host.port} ${host.hostKey}`,
    ...more,
  });

  test('each of two owners at one host gets its own key', async () => {
    await download(access(), modules, { verify: true });
    expect(await downloaded('acme')).toContain('fair winds');
    expect(await downloaded('umbrella')).toContain('fair winds');
    expect([new Set(host.asked['acme']), new Set(host.asked['umbrella'])]).toEqual([
      new Set(['acme']),
      new Set(['umbrella']),
    ]);
  });

  test('a host with another key than the known one gets nothing', async () => {
    const knownHosts = `[127.0.0.1]:${host.port} ${sshKeyPair().public}`;
    const error = await failure(download(access({ knownHosts }), modules.slice(0, 1)));
    expect(error.message).toContain('the SSH host is not the one that is known');
    expect(error.next).toContain('private-known-hosts');
    expect(host.asked).toEqual({});
  });

  test('a key that the host does not take is told', async () => {
    const sshKeys = readSshKeys(`127.0.0.1:${host.port}\n${sshKeyPair().private}`, []);
    const error = await failure(download(access({ sshKeys }), modules.slice(0, 1)));
    expect(error.message).toContain('the SSH host takes none of the keys');
  });
});
