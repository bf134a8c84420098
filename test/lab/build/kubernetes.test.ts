import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startKubernetesBuild } from './kubernetes.ts';
import { kubernetesParts } from './kubernetes-part.ts';
import { downloadRelease, findRelease } from './kubernetes-release.ts';
import { versions } from './versions.ts';

let folder = '';
let server: http.Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-release-'));
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

type Answer = (url: string) => { status: number; body: string } | 'silence';

async function serve(answer: Answer): Promise<string> {
  server = http.createServer((request, response) => {
    const given = answer(request.url ?? '');
    if (given === 'silence') return;
    response.writeHead(given.status, { 'content-length': Buffer.byteLength(given.body) });
    response.end(given.body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A site with one small file for each part. */
const goodSite: Answer = (url) => {
  const name = path.basename(url, '.sha256');
  const body = `program ${name}`;
  return { status: 200, body: url.endsWith('.sha256') ? `${sha256(body)}\n` : body };
};

const wanted = { fetch, version: '1.2.3', arch: 'amd64' };

test('the official release is taken where its site answers', async () => {
  const asked: string[] = [];
  const site = await serve((url) => {
    asked.push(url);
    return goodSite(url);
  });
  const warnings: string[] = [];
  const { done, progress } = startKubernetesBuild({
    cache: folder,
    env: { SLIPWAY_KUBERNETES_URL: site },
    warn: (message) => warnings.push(message),
  });
  const programs = await done;
  const { file, args } = programs('kubelet');
  expect(await readFile(file, 'utf8')).toBe('program kubelet');
  expect(args).toEqual([]);
  expect(progress().phase).toBe('done');
  expect(warnings).toEqual([]);
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  expect(asked).toContain(`/release/v${versions.kubernetes}/bin/linux/${arch}/kube-apiserver`);
  const [made] = await readdir(path.join(folder, 'kubernetes'));
  expect((await readdir(path.join(folder, 'kubernetes', made ?? ''))).sort()).toEqual(
    [...kubernetesParts].sort(),
  );
});

test('a second start asks nobody', async () => {
  const site = await serve(goodSite);
  const options = { cache: folder, env: { SLIPWAY_KUBERNETES_URL: site }, warn: () => undefined };
  await startKubernetesBuild(options).done;
  server?.closeAllConnections();
  server?.close();
  await expect(startKubernetesBuild(options).done).resolves.toBeDefined();
});

test.each<[string, Answer]>([
  ['that answers 404', () => ({ status: 404, body: 'no' })],
  ['that answers everything with a login page', () => ({ status: 200, body: '<html>' })],
  ['that takes the connection and says nothing', () => 'silence'],
])('a site %s has no release, which is known within seconds', async (_, answer) => {
  const site = await serve(answer);
  expect(await findRelease({ ...wanted, site })).toBeUndefined();
});

test('a site that nobody listens on has no release', async () => {
  expect(await findRelease({ ...wanted, site: 'http://127.0.0.1:9' })).toBeUndefined();
});

test('a download that is not what its checksum says is an error that names both sums', async () => {
  const site = await serve((url) =>
    url.endsWith('/kubelet') ? { status: 200, body: 'tampered' } : goodSite(url),
  );
  const release = await findRelease({ ...wanted, site });
  const download =
    release === undefined
      ? Promise.resolve()
      : downloadRelease(fetch, release, path.join(folder, 'partial'), () => undefined);
  await expect(download).rejects.toThrow(
    `kubelet has SHA-256 ${sha256('tampered')} and not ${sha256('program kubelet')}`,
  );
});

test('after a bad download it is built, and why is told; a build that fails leaves nothing behind', async () => {
  const site = await serve((url) =>
    url.endsWith('/kubelet') ? { status: 200, body: 'tampered' } : goodSite(url),
  );
  const warnings: string[] = [];
  const { done } = startKubernetesBuild({
    cache: folder,
    // Without any PATH there is no go: the build is reached and fails at once.
    env: { SLIPWAY_KUBERNETES_URL: site, PATH: '' },
    warn: (message) => warnings.push(message),
  });
  await expect(done).rejects.toThrow(/`go` was not found.*go\.dev/);
  expect(warnings).toEqual([expect.stringContaining('built here instead')]);
  const left = await readdir(path.join(folder, 'kubernetes'));
  expect(left.filter((name) => name.startsWith('v'))).toEqual([]);
  expect(existsSync(path.join(folder, 'kubernetes'))).toBe(true);
});
