import { expect } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import { createHttpClient, type HttpClient } from '@slipway/http';
import { systemClock } from '@slipway/runtime';
import { fakeLog, listenOnAnyPort } from '@slipway/testing';
import {
  ensureToolchain,
  type ReadyToolchain,
  type ToolchainSources,
} from '../../src/toolchain/toolchain.ts';
import { toolchainPlatform } from '../../src/toolchain/platform.ts';
import { parseGoVersion } from '../../src/version/version.ts';
import { checksumDatabase } from '../checksum-database-stand-in.ts';
import { checksumOf, moduleZip } from '../module-zip.ts';

export const moduleVersion = 'v0.0.1-go1.26.8.linux-amd64';
export const inModule = `golang.org/toolchain@${moduleVersion}`;
export const files = {
  [`${inModule}/VERSION`]: 'go1.26.8\ntime 2026-08-28T16:20:00Z\n',
  [`${inModule}/bin/go`]: '#!/bin/sh\necho go version go1.26.8 linux/amd64\n',
  [`${inModule}/pkg/tool/linux_amd64/compile`]: '#!/bin/sh\n',
  [`${inModule}/lib/wasm/go_js_wasm_exec`]: '#!/bin/sh\n',
  [`${inModule}/src/_go.mod`]: 'module std\n',
  [`${inModule}/src/fmt/print.go`]: `package fmt // ${'x'.repeat(200_000)}\n`,
};
export const zipPath = `/golang.org/toolchain/@v/${moduleVersion}.zip`;
export const infoPath = zipPath.replace('.zip', '.info');

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Site = Record<string, Buffer | string | Handler>;

export let scratch: string;
export let base: string;
export let site: Site;
/** Answers what `site` does not. */
export let more: (target: string) => Buffer | undefined;
export let requests: string[];
export let http: HttpClient;
export let close: () => Promise<unknown>;
/** Opens the site, empty; to be called before each test. */
export async function openSite(): Promise<void> {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-toolchain-'));
  http = createHttpClient({ env: {} });
  site = {};
  more = () => undefined;
  requests = [];
  const server = createServer((request, response) => {
    const target = decodeURI(request.url ?? '');
    requests.push(target);
    const found = site[target] ?? more(target);
    if (typeof found === 'function') found(request, response);
    else response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  base = `http://127.0.0.1:${await listenOnAnyPort(server)}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
}

/** To be called after each test. */
export async function closeSite(): Promise<void> {
  await http.close();
  await close();
  await fs.rm(scratch, { recursive: true, force: true });
}

export const tools = (): string => path.join(scratch, 'tools');
export const log = fakeLog();

/** Installs 1.26.8 for linux/amd64 with GOPROXY on the local site; go.dev is cut off. */
export function install(
  options: {
    env?: Record<string, string>;
    sources?: Partial<ToolchainSources>;
    signal?: AbortSignal;
  } = {},
): Promise<ReadyToolchain> {
  const env = { PATH: '/usr/bin:/bin', GOPROXY: base, ...options.env };
  const ports = {
    log,
    clock: systemClock,
    env,
    exec: systemExec({ log, env }),
    signal: options.signal ?? new AbortController().signal,
    fetch: (url: string | URL, init?: RequestInit) =>
      String(url).startsWith('https://go.dev')
        ? Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }))
        : http.fetch(url, init),
  };
  const version = parseGoVersion('1.26.8');
  if (version === undefined) throw new Error('unreachable');
  const sources = {
    cacheFolder: tools(),
    platform: toolchainPlatform('linux', 'x64'),
    isHostPlatform: true,
    ...options.sources,
  };
  return ensureToolchain(ports, sources, version, {});
}

/** Serves a GOPROXY that passes on a checksum database; returns the environment for it. */
export async function serveProxy(
  content: Readonly<Record<string, string>> = files,
  database: Partial<Parameters<typeof checksumDatabase>[0]> = {},
): Promise<Record<string, string>> {
  const sums = checksumDatabase({
    name: 'sums.example.com',
    module: 'golang.org/toolchain',
    version: moduleVersion,
    sum: checksumOf(files),
    fillers: 700,
    at: 300,
    ...database,
  });
  site[infoPath] = `{"Version":"${moduleVersion}"}`;
  site[zipPath] = await moduleZip(content);
  const prefix = '/sumdb/sums.example.com/';
  more = (target) =>
    target.startsWith(prefix) ? sums.read(target.slice(prefix.length)) : undefined;
  return { GOSUMDB: sums.verifierKey };
}

export const everythingIn = (folder: string): Promise<string[]> =>
  fs.readdir(folder, { recursive: true }).catch((): string[] => []);

/** Whatever the tool cache would give out, and whatever was left half done. */
export async function expectNothingLeft(): Promise<void> {
  expect((await everythingIn(tools())).filter((name) => name !== 'go')).toEqual([]);
}
