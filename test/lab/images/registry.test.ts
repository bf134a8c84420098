import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { cacheFolder } from '../places/cache-folder.ts';
import { startDaemon, stopDaemon, waitUntil, type DaemonRecord } from '../process/daemon.ts';
import { portAnswers } from '../process/http-answers.ts';
import { freePort } from '../places/port.ts';
import { buildPrograms, type Programs } from '../build/programs.ts';
import { pushProgram } from './push-image.ts';

let programs: Programs;
let folder = '';
let registry: DaemonRecord | undefined;

beforeAll(async () => {
  programs = await buildPrograms(cacheFolder(process.env, os.homedir()), process.env);
}, 120_000);

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-registry-'));
});

afterEach(async () => {
  await stopDaemon(registry);
  await rm(folder, { recursive: true, force: true });
});

async function start(...more: string[]): Promise<string> {
  const port = await freePort(0);
  const address = `127.0.0.1:${port}`;
  registry = await startDaemon({
    name: 'registry',
    file: programs.registry,
    args: ['--address', address, '--folder', path.join(folder, 'data'), ...more],
    env: {},
    logs: folder,
    config: '',
  });
  await waitUntil('registry', registry, 60_000, () => portAnswers(port));
  return address;
}

const sha256 = (bytes: string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('what was pushed is there again after the registry was killed', async () => {
  const image = { repository: 'a/hello', tag: '1', program: programs.hello };
  const digest = await pushProgram({ registry: await start(), ...image });
  await stopDaemon(registry, 0);
  const address = await start();
  const byTag = await fetch(`http://${address}/v2/a/hello/manifests/1`);
  expect(byTag.headers.get('docker-content-digest')).toBe(digest);
  const { layers } = (await byTag.json()) as { layers: { digest: string }[] };
  const layer = await fetch(`http://${address}/v2/a/hello/blobs/${layers[0]?.digest ?? ''}`);
  expect(sha256(Buffer.from(await layer.arrayBuffer()).toString('latin1'))).toBeDefined();
  expect(layer.status).toBe(200);
});

test('a blob may come in chunks', async () => {
  const base = `http://${await start()}/v2/a/chunked`;
  const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  let location = new URL(begun.headers.get('location') ?? '', base);
  let at = 0;
  for (const body of ['hello, ', 'world']) {
    const range = `${at}-${at + body.length - 1}`;
    const headers = { 'content-range': range, 'content-type': 'application/octet-stream' };
    const answer = await fetch(location, { method: 'PATCH', headers, body });
    expect(answer.status).toBe(202);
    location = new URL(answer.headers.get('location') ?? '', base);
    at += body.length;
  }
  location.searchParams.set('digest', sha256('hello, world'));
  expect((await fetch(location, { method: 'PUT' })).status).toBe(201);
  const got = await fetch(`${base}/blobs/${sha256('hello, world')}`);
  expect(await got.text()).toBe('hello, world');
});

test('a blob whose bytes are not its digest is refused', async () => {
  const base = `http://${await start()}/v2/a/bad`;
  const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(begun.headers.get('location') ?? '', base);
  location.searchParams.set('digest', sha256('something else'));
  expect((await fetch(location, { method: 'PUT', body: 'tampered' })).status).toBe(400);
});

test('a registry with a login sends clients to its token service and lets token holders in', async () => {
  const base = `http://${await start('--user', 'ada:s3cret')}`;
  const refused = await fetch(`${base}/v2/`);
  expect(refused.status).toBe(401);
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? '';
  expect(challenge).toMatch(/^Bearer /);
  const basic = (pair: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  });
  expect((await fetch(realm, { headers: basic('ada:wrong') })).status).toBe(401);
  const bought = await fetch(realm, { headers: basic('ada:s3cret') });
  const { token } = (await bought.json()) as { token: string };
  const entered = await fetch(`${base}/v2/`, { headers: { authorization: `Bearer ${token}` } });
  expect(entered.status).toBe(200);
});
