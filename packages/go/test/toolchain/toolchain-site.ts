import { expect } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import { createHttpClient, type HttpClient } from '@slipway/http';
import { systemClock } from '@slipway/runtime';
import { fakeLog, listenOnAnyPort } from '@slipway/testing';
import {
  chooseVersion,
  ensureToolchain,
  toolchainPlatform,
  type ReadyToolchain,
  type ToolchainSources,
} from '../../src/toolchain/index.ts';
import { parseGoVersion, parseVersionQuery } from '../../src/version/index.ts';
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
export const answerTheRest = (answer: typeof more): void => void (more = answer);
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

const closers: (() => unknown)[] = [];
/** Has `closer` called when the site is closed. */
export const onClose = (closer: () => unknown): void => void closers.push(closer);

/** To be called after each test. */
export async function closeSite(): Promise<void> {
  for (const closer of closers.splice(0)) closer();
  await http.close();
  await close();
  await fs.rm(scratch, { recursive: true, force: true });
}

export const tools = (): string => path.join(scratch, 'tools');
export const log = fakeLog();

/** What a test says of a job besides the local site. */
export interface Job {
  env?: Record<string, string>;
  sources?: Partial<ToolchainSources>;
  signal?: AbortSignal;
  /** Answers for go.dev, which is cut off without it. */
  goDev?: typeof fetch;
  /** Of `go env -w`. */
  settings?: Record<string, string>;
}

/** The ports and sources of a job for linux/amd64 with GOPROXY on the local site; go.dev is cut off. */
function jobOf(options: Job) {
  const env = { PATH: '/usr/bin:/bin', GOPROXY: base, ...options.env };
  const ports = {
    log,
    clock: systemClock,
    env,
    exec: systemExec({ log, env }),
    signal: options.signal ?? new AbortController().signal,
    fetch: (url: string | URL, init?: RequestInit) =>
      String(url).startsWith('https://go.dev')
        ? (options.goDev?.(url, init) ??
          Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } })))
        : http.fetch(url, init),
  };
  const sources = {
    cacheFolder: tools(),
    platform: toolchainPlatform('linux', 'x64'),
    isHostPlatform: true,
    ...options.sources,
  };
  return { ports, sources };
}

/** Installs 1.26.8, or another release. */
export function install(options: Job & { version?: string } = {}): Promise<ReadyToolchain> {
  const { ports, sources } = jobOf(options);
  const version = parseGoVersion(options.version ?? '1.26.8');
  if (version === undefined) throw new Error(`${options.version} is no version.`);
  return ensureToolchain(ports, sources, version, options.settings ?? {});
}

/** Chooses a release for what a user wrote, and installs it. */
export async function setUp(
  wanted: string,
  options: Job & { checkLatest?: boolean } = {},
): Promise<ReadyToolchain> {
  const { ports, sources } = jobOf(options);
  const { version } = await chooseVersion(ports, sources, parseVersionQuery(wanted), {
    checkLatest: options.checkLatest === true,
    settings: {},
  });
  return ensureToolchain(ports, sources, version, {});
}

/** An archive of Go as download sites have it. */
export async function goArchive(content: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = await fs.mkdtemp(path.join(scratch, 'archive-'));
  for (const [name, text] of Object.entries(content)) {
    const target = path.join(folder, 'go', name);
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.writeFile(target, text, { mode: 0o755 });
  }
  return execFileSync('tar', ['-cz', '-C', folder, 'go']);
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
