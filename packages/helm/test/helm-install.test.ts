import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { archive } from '@slipway/archive';
import { fakeClock, fakeLog } from '@slipway/testing';
import { ensureHelm } from '../src/tool/tool.ts';
import type { HelmToolPorts } from '../src/tool/ports.ts';

const packed = await archive(
  [{ path: 'linux-amd64/helm', content: Buffer.from('the program'), mode: 0o755 }],
  { format: 'tar.gz', mtimeSeconds: 0 },
);

let folder: string;
let server: Server;
let requests: string[];
let sum: string;
let ports: HelmToolPorts;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-install-'));
  requests = [];
  sum = createHash('sha256').update(packed).digest('hex');
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url === '/helm-v4.2.3-linux-amd64.tar.gz') response.end(packed);
    else if (request.url === '/helm-v4.2.3-linux-amd64.tar.gz.sha256') response.end(`${sum}\n`);
    else response.writeHead(404).end('no such file');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const log = fakeLog();
  ports = {
    exec: () => Promise.resolve({ exitCode: 0, stdout: 'v4.2.3', stderr: '', durationMs: 1 }),
    log,
    fetch: (url, init) => fetch(url, init),
    clock: fakeClock(),
    env: { PATH: folder },
    toolCache: path.join(folder, 'tools'),
    os: 'linux',
    arch: 'x64',
    downloadBaseUrl: `http://127.0.0.1:${port}/`,
  };
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await fs.rm(folder, { recursive: true, force: true });
});

test('a version is fetched once, verified, and taken from the cache the next time', async () => {
  const first = await ensureHelm('v4.2.3', ports);
  expect(first).toMatchObject({ version: '4.2.3', major: 4 });
  expect(first.path).toBe(path.join(folder, 'tools', 'helm', '4.2.3', 'x64', 'helm'));
  expect(await ensureHelm('4.2.3', ports)).toEqual(first);
  expect(requests).toHaveLength(2);
});

test('a fetched Helm is asked for its version once, and one of the cache is known', async () => {
  let asked = 0;
  const exec: HelmToolPorts['exec'] = (...call) => {
    asked += 1;
    return ports.exec(...call);
  };
  for (let run = 0; run < 3; run += 1) await ensureHelm('4.2.3', { ...ports, exec });
  expect(asked).toBe(1);
});

test('a Helm that was fetched and says it is another one is never taken from the cache', async () => {
  const exec: HelmToolPorts['exec'] = () =>
    Promise.resolve({ exitCode: 0, stdout: 'v4.2.2', stderr: '', durationMs: 1 });
  for (let run = 0; run < 2; run += 1)
    await expect(ensureHelm('4.2.3', { ...ports, exec })).rejects.toThrow('says it is 4.2.2');
  expect(requests).toHaveLength(4);
});

test('a cached Helm that somebody changed is fetched anew', async () => {
  const { path: file } = await ensureHelm('4.2.3', ports);
  await fs.writeFile(file, 'something evil');
  await ensureHelm('4.2.3', ports);
  expect(requests).toHaveLength(4);
  expect(await fs.readFile(file, 'utf8')).not.toContain('evil');
});

test('an archive that does not match its sum is not installed', async () => {
  sum = 'ab'.repeat(32);
  await expect(ensureHelm('4.2.3', ports)).rejects.toThrow(/has the sha256 .* says abab/);
  await expect(fs.readdir(path.join(folder, 'tools'))).rejects.toThrow('ENOENT');
});

test('a version that the site does not have is said to be missing there', async () => {
  await expect(ensureHelm('4.9.9', ports)).rejects.toMatchObject({
    message: expect.stringContaining('answered 404'),
    next: expect.stringContaining('Does Helm 4.9.9 exist'),
  });
});

test.each(['4', '4.2', 'latest', '^4.2.3', '4.2.x', '--help'])(
  '%j is no exact version, and nothing is fetched',
  async (version) => {
    await expect(ensureHelm(version, ports)).rejects.toThrow('is not an exact version');
    expect(requests).toEqual([]);
  },
);

test('without a version and without a helm on PATH the message says what to set', async () => {
  await expect(ensureHelm('', ports)).rejects.toMatchObject({
    next: expect.stringContaining('Set helm-version'),
  });
});
