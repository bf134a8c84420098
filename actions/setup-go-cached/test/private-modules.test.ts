import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { createPrivateModule } from '../../../test/fixtures/private-module.ts';
import { downloadPrivateModules, isNetrcFolder, netrcPasswords } from '../src/private-modules.ts';

jest.setTimeout(180_000);

const run = promisify(execFile);
const token = 'ghs_0123456789abcdefghij';
const netrc = `machine 127.0.0.1\n  login x-access-token\n  password ${token}`;

let folder: string;
let server: Server;
let asked: (string | undefined)[];

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-private-'));
  asked = [];
});
afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  const env = { ...process.env, GOMODCACHE: path.join(folder, 'modules') };
  await run('go', ['clean', '-modcache'], { env });
  await fs.rm(folder, { recursive: true, force: true });
});

/** Serves a bare repository as plain files to those who have the token. */
async function serve(repository: string): Promise<string> {
  await run('git', ['update-server-info'], { cwd: repository });
  const right = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    const [target = ''] = (request.url ?? '').split('?');
    if (request.headers.authorization !== right) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    fs.readFile(path.join(repository, target.replace(/^\/kit\//, ''))).then(
      (data) => response.end(data),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/kit`;
}

/** A module that needs the private one, and what downloads it. */
async function scene() {
  const kit = await createPrivateModule(path.join(folder, 'kit'), 'private.example.com/kit.git');
  const address = await serve(kit.repository);
  const module = path.join(folder, 'module');
  const temp = path.join(folder, 'temp');
  const home = path.join(folder, 'home');
  for (const each of [module, temp, home]) await fs.mkdir(each);
  await fs.writeFile(
    path.join(module, 'go.mod'),
    `module example.com/m\n\ngo 1.24\n\nrequire ${kit.module} ${kit.version}\n`,
  );
  await fs.writeFile(path.join(module, 'go.sum'), `${kit.sums.join('\n')}\n`);
  // The user's own configuration stays in force: it says where the host is.
  const insteadOf = `[url "${address}"]\n\tinsteadOf = https://private.example.com/kit\n`;
  await fs.writeFile(path.join(home, '.gitconfig'), insteadOf);
  const folders = {
    goPath: path.join(folder, 'go'),
    moduleCache: path.join(folder, 'modules'),
    buildCache: path.join(folder, 'build'),
  };
  const log = fakeLog();
  const env = {
    PATH: process.env['PATH'] ?? '',
    GOPRIVATE: 'private.example.com',
    GOFLAGS: '-mod=readonly',
    GOPROXY: 'off',
  };
  const told: [string, readonly string[]][] = [];
  const download = (lines: string): Promise<void> =>
    downloadPrivateModules(
      { exec: systemExec({ log, env }), log },
      {
        modules: { netrc: lines, folder: module },
        go: 'go',
        folders,
        home,
        tempDir: temp,
        onFolder: (left) => told.push([left, readdirSync(left)]),
        signal: new AbortController().signal,
      },
    );
  return { download, folders, temp, log, told };
}

describe('the private modules of a folder', () => {
  test('are in the module cache afterwards, and their credentials nowhere', async () => {
    const { download, folders, temp, told } = await scene();
    await download(netrc);
    const kit = path.join(folders.moduleCache, 'private.example.com', 'kit.git@v0.1.0', 'kit.go');
    expect(await fs.readFile(kit, 'utf8')).toContain('fair winds');
    expect(asked.some((header) => header !== undefined)).toBe(true);
    expect(await fs.readdir(temp)).toEqual([]);
    // What a kill would leave is known before there is anything to leave.
    expect(told.map(([left, files]) => [path.dirname(left), files])).toEqual([[temp, []]]);
    expect(told.every(([left]) => isNetrcFolder(left))).toBe(true);
  });

  test('are not had with another password, which no error quotes, and nothing is left', async () => {
    const { download, temp, log } = await scene();
    const wrong = netrc.replace(token, 'ghs_another-one-altogether');
    const error = await download(wrong).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toMatch(/could not be downloaded/);
    expect(error).toHaveProperty('next', expect.stringContaining('GOPRIVATE'));
    const told = JSON.stringify([error?.message, String(error?.cause), log]);
    expect(told).not.toContain('ghs_another');
    expect(await fs.readdir(temp)).toEqual([]);
  });
});

test('the passwords of a .netrc are found wherever they stand, and nothing else', () => {
  const text = 'machine a login b password c1\nmachine d\n\tlogin e\n\tpassword\tf2\n';
  expect(netrcPasswords(text)).toEqual(['c1', 'f2']);
  expect(netrcPasswords('machine password.example login x')).toEqual([]);
});
