import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { runBundle, type BundleResult } from '@slipway/testing';
import {
  makeCertificates,
  serve,
  serveTls,
  startProxy,
  type LocalServer,
} from '../../packages/http/test/servers.ts';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';

jest.setTimeout(180_000);

/** A bundle has parts of undici only (packages/http/bundled/undici.ts): here they do their work in one. */
const action = 'setup-go-cached';
let folder: string;
let caFile: string;
let plain: LocalServer;
let secure: LocalServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let asked: string[] = [];

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.headers.host ?? ''} ${request.url ?? ''}`);
  response.writeHead(404).end('no such file');
}

beforeAll(async () => {
  await ensureBundles([action]);
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-bundled-http-'));
  const certificates = makeCertificates();
  caFile = path.join(folder, 'ca.pem');
  writeFileSync(caFile, certificates.ca);
  [plain, secure, proxy] = [
    await serve(answer),
    await serveTls(answer, certificates),
    await startProxy(),
  ];
});
beforeEach(() => {
  asked = [];
  proxy.seen.length = 0;
});
afterAll(async () => {
  await Promise.all([plain.close(), secure.close(), proxy.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Looks for a Go that the download site does not have. */
function lookFor(site: string, env: Record<string, string> = {}): Promise<BundleResult> {
  return runBundle({
    action,
    inputs: { 'go-version': '1.22.99', 'go-download-base-url': site, cache: 'false' },
    env: { NODE_EXTRA_CA_CERTS: caFile, ...env },
  });
}

test('a bundle asks a server in the clear and over TLS, with the certificates of the runner', async () => {
  for (const site of [plain.url, secure.url]) {
    asked = [];
    const { exitCode } = await lookFor(`${site}/dl`);
    expect([exitCode, asked.length > 0]).toEqual([1, true]);
  }
});

test('a bundle tunnels through the proxy of the runner', async () => {
  const { exitCode } = await lookFor(`https://service.test:${secure.port}/dl`, {
    https_proxy: proxy.url,
  });
  expect(proxy.seen[0]).toBe(`CONNECT service.test:${secure.port}`);
  expect([exitCode, asked[0]]).toEqual([1, expect.stringContaining('service.test')]);
});

test('a bundle asks the proxy of the runner for what is in the clear', async () => {
  const url = `http://service.test:${plain.port}/dl`;
  await lookFor(url, { http_proxy: proxy.url });
  expect(proxy.seen[0]).toMatch(new RegExp(`^GET ${url}`));
  expect(asked.length).toBeGreaterThan(0);
});

test('a bundle asks for caches through the proxy of the runner, with its certificates', async () => {
  const { exitCode } = await runBundle({
    action,
    env: {
      ...{ NODE_EXTRA_CA_CERTS: caFile, https_proxy: proxy.url, ACTIONS_RUNTIME_TOKEN: 'token' },
      ...{ ACTIONS_CACHE_SERVICE_V2: 'true' },
      ACTIONS_RESULTS_URL: `https://service.test:${secure.port}/`,
    },
  });
  expect(proxy.seen[0]).toBe(`CONNECT service.test:${secure.port}`);
  expect([exitCode, asked[0]]).toEqual([0, expect.stringContaining('GetCacheEntryDownloadURL')]);
});

test('a bundle names the proxy that does not open a tunnel', async () => {
  const refusing = await serve(
    () => undefined,
    (_request, socket) => socket.destroy(),
  );
  const run = await lookFor('https://service.test/dl', { https_proxy: refusing.url });
  await refusing.close();
  expect(run.visible).toContain(`The proxy 127.0.0.1:${refusing.port} did not open a tunnel`);
});
