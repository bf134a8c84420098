import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemExec } from '@slipway/exec';
import { createHttpClient, type HttpClient } from '@slipway/http';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import {
  ensureToolchain,
  type ReadyToolchain,
  type ToolchainSources,
} from '../src/toolchain/toolchain.ts';
import { toolchainPlatform } from '../src/toolchain/platform.ts';
import { parseGoProxy } from '../src/toolchain/proxy.ts';
import { parseGoVersion } from '../src/version/version.ts';
import { checksumDatabase } from './checksum-database-stand-in.ts';
import { checksumOf, moduleZip } from './module-zip.ts';

// A tree of 70,000 records takes a busy machine a while to build.
jest.setTimeout(60_000);

const moduleVersion = 'v0.0.1-go1.26.8.linux-amd64';
const inModule = `golang.org/toolchain@${moduleVersion}`;
const files = {
  [`${inModule}/VERSION`]: 'go1.26.8\ntime 2026-08-28T16:20:00Z\n',
  [`${inModule}/bin/go`]: '#!/bin/sh\necho go version go1.26.8 linux/amd64\n',
  [`${inModule}/pkg/tool/linux_amd64/compile`]: '#!/bin/sh\n',
  [`${inModule}/lib/wasm/go_js_wasm_exec`]: '#!/bin/sh\n',
  [`${inModule}/src/_go.mod`]: 'module std\n',
  [`${inModule}/src/fmt/print.go`]: `package fmt // ${'x'.repeat(200_000)}\n`,
};
const zipPath = `/golang.org/toolchain/@v/${moduleVersion}.zip`;
const infoPath = zipPath.replace('.zip', '.info');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Site = Record<string, Buffer | string | Handler>;

let scratch: string;
let base: string;
let site: Site;
/** Answers what `site` does not. */
let more: (target: string) => Buffer | undefined;
let requests: string[];
let http: HttpClient;
let close: () => Promise<unknown>;

beforeEach(async () => {
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
});

afterEach(async () => {
  await http.close();
  await close();
  await fs.rm(scratch, { recursive: true, force: true });
});

const tools = (): string => path.join(scratch, 'tools');
const log = fakeLog();

/** Installs 1.26.8 for linux/amd64 with GOPROXY on the local site; go.dev is cut off. */
function install(
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
async function serveProxy(
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

const everythingIn = (folder: string): Promise<string[]> =>
  fs.readdir(folder, { recursive: true }).catch((): string[] => []);

/** Whatever the tool cache would give out, and whatever was left half done. */
async function expectNothingLeft(): Promise<void> {
  expect((await everythingIn(tools())).filter((name) => name !== 'go')).toEqual([]);
}

describe('a toolchain from GOPROXY', () => {
  test('is installed when the checksum database vouches for it', async () => {
    const ready = await install({ env: await serveProxy() });
    expect(ready).toMatchObject({ how: 'module-proxy', root: `${tools()}/go/1.26.8/x64` });
    expect(ready.provenance?.proof).toContain(checksumOf(files));
    expect(execFileSync(`${ready.root}/bin/go`).toString()).toContain('go1.26.8');
    expect(await fs.readFile(`${ready.root}/src/go.mod`, 'utf8')).toBe('module std\n');
    const modes = ['pkg/tool/linux_amd64/compile', 'lib/wasm/go_js_wasm_exec', 'VERSION'].map(
      async (file) => (await fs.stat(`${ready.root}/${file}`)).mode & 0o111,
    );
    expect(await Promise.all(modes)).toEqual([0o111, 0o111, 0]);
  });

  test('is taken from the tool cache the second time', async () => {
    const env = await serveProxy();
    await install({ env });
    requests.length = 0;
    expect((await install({ env })).how).toBe('tool-cache');
    expect(requests).toEqual([]);
  });

  test.each([
    ['the first', { fillers: 0, at: 0 }],
    ['the last of a full tile', { fillers: 255, at: 255 }],
    ['the first of a new tile', { fillers: 256, at: 256 }],
    ['one of many tiles', { fillers: 70_000, at: 65_537 }],
  ])('is proven wherever its record is in the tree: %s', async (_, place) => {
    expect((await install({ env: await serveProxy(files, place) })).how).toBe('module-proxy');
  });

  test('is refused, and nothing is left, when one byte of one file is different', async () => {
    const tampered = { ...files, [`${inModule}/bin/go`]: '#!/bin/sh\necho owned\n' };
    await expect(install({ env: await serveProxy(tampered) })).rejects.toThrow(
      /does not have its checksum: expected h1:\S+, got h1:\S+ Nothing was installed/,
    );
    await expectNothingLeft();
  });

  test.each([
    ['is not in the signed tree', { forged: true }, /not in the tree that it signed/],
    [
      'is signed with another key',
      { signingKey: generateKeyPairSync('ed25519').privateKey },
      /not signed by sums\.example\.com/,
    ],
    ['is about another version', { sum: 'h2:other' }, /is about something else/],
  ])('is refused when its record %s', async (_, database, message) => {
    await expect(install({ env: await serveProxy(files, database) })).rejects.toMatchObject({
      message: expect.stringMatching(/does not vouch for golang\.org\/toolchain/),
      cause: { message: expect.stringMatching(message) },
    });
    await expectNothingLeft();
  });

  test.each([
    '../../../evil',
    `${inModule}/../../evil`,
    `${inModule}//evil`,
    `${inModule}/a\\..\\..\\evil`,
    `${inModule}/C:evil`,
    '/etc/evil',
  ])('is refused when its zip names the file %s', async (name) => {
    const env = await serveProxy({ ...files, [name]: 'evil' });
    await expect(install({ env })).rejects.toThrow('cannot be unpacked');
    await expectNothingLeft();
    expect((await everythingIn(scratch)).filter((file) => file.includes('evil'))).toEqual([]);
  });

  test.each([
    ['cut off', (zip: Buffer) => zip.subarray(0, zip.length - 40)],
    ['something else', () => Buffer.from('<html>maintenance</html>')],
    ['empty', () => Buffer.alloc(0)],
  ])('is refused when its zip is %s', async (_, damage) => {
    const env = await serveProxy();
    site[zipPath] = damage(await moduleZip(files));
    await expect(install({ env })).rejects.toThrow('cannot be unpacked');
    await expectNothingLeft();
  });

  test('is fetched on from where a connection was cut', async () => {
    const env = await serveProxy();
    const zip = await moduleZip(files);
    const ranges: (string | undefined)[] = [];
    site[zipPath] = (request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      const rest = zip.subarray(start);
      response.writeHead(start === 0 ? 200 : 206, { 'content-length': rest.length, etag: '"z"' });
      if (ranges.length > 2) return void response.end(rest);
      response.write(rest.subarray(0, 100));
      return void setTimeout(() => request.socket.destroy(), 20);
    };
    expect((await install({ env })).how).toBe('module-proxy');
    expect(ranges).toEqual([undefined, 'bytes=100-', 'bytes=200-']);
  });

  test('leaves nothing when the job is cancelled in the middle of the download', async () => {
    const env = await serveProxy();
    const cancel = new AbortController();
    site[zipPath] = (_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(Buffer.alloc(500_000));
      setTimeout(() => cancel.abort(new Error('cancelled by the user')), 50);
    };
    await expect(install({ env, signal: cancel.signal })).rejects.toThrow('cancelled by the user');
    await expectNothingLeft();
  });

  test('comes from the next proxy only as GOPROXY allows', async () => {
    const env = await serveProxy();
    site['/down/golang.org/toolchain/@v/' + `${moduleVersion}.info`] = (_, response) =>
      response.writeHead(502).end();
    const comma = { ...env, GOPROXY: `${base}/down,${base}` };
    await expect(install({ env: comma })).rejects.toThrow('status 502');
    const pipe = { ...env, GOPROXY: `${base}/down|${base}/empty,${base}` };
    expect((await install({ env: pipe })).how).toBe('module-proxy');
  });

  test('comes from a folder, for machines without a network', async () => {
    const env = await serveProxy();
    const folder = path.join(scratch, 'proxy', 'golang.org', 'toolchain', '@v');
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, `${moduleVersion}.info`), '{}');
    await fs.writeFile(path.join(folder, `${moduleVersion}.zip`), await moduleZip(files));
    const local = pathToFileURL(path.join(scratch, 'proxy')).href;
    const proxies = { ...env, GOPROXY: `${local},${base}` };
    expect((await install({ env: proxies })).provenance?.from).toContain('file://');
  });

  test('is refused when GOSUMDB is off: nothing could vouch for it', async () => {
    await serveProxy();
    await expect(install({ env: { GOSUMDB: 'off' } })).rejects.toThrow('GOSUMDB is off');
    await expectNothingLeft();
  });

  test('sends the password of a proxy to that proxy and tells nobody', async () => {
    const env = await serveProxy();
    const info = site[infoPath];
    let authorization: string | undefined;
    site[infoPath] = (request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(200).end(info);
    };
    log.lines.length = 0;
    const ready = await install({
      env: { ...env, GOPROXY: base.replace('http://', 'http://bot:hunter2@') },
    });
    expect(authorization).toBe(`Basic ${Buffer.from('bot:hunter2').toString('base64')}`);
    expect(log.text() + JSON.stringify(ready)).not.toContain('hunter2');
  });
});

describe('a toolchain from a download site', () => {
  async function archive(): Promise<Buffer> {
    const folder = path.join(scratch, 'archive');
    for (const [name, text] of Object.entries(files)) {
      const target = path.join(folder, name.replace(inModule, 'go').replace('_go.mod', 'go.mod'));
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, text, { mode: 0o755 });
    }
    return execFileSync('tar', ['-cz', '-C', folder, 'go']);
  }
  const filename = 'go1.26.8.linux-amd64.tar.gz';
  const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const index = (sha256: string): string =>
    JSON.stringify([
      {
        version: 'go1.26.8',
        stable: true,
        files: [{ filename, os: 'linux', arch: 'amd64', kind: 'archive', sha256 }],
      },
    ]);
  const sources = (): Partial<ToolchainSources> => ({ downloadBase: `${base}/dl` });

  test('is checked against the index of the site', async () => {
    const bytes = await archive();
    site['/dl/?mode=json&include=all'] = index(sum(bytes));
    site[`/dl/${filename}`] = bytes;
    const ready = await install({ sources: sources() });
    expect(ready.how).toBe('download-site');
    expect(ready.root).toMatch(/tools\/go-[0-9a-f]{8}\/1\.26\.8\/x64$/);
    expect(execFileSync(`${ready.root}/bin/go`).toString()).toContain('go1.26.8');
  });

  test('is checked against a .sha256 file where there is no index', async () => {
    const bytes = await archive();
    site[`/dl/${filename}.sha256`] = `${sum(bytes)}  ${filename}\n`;
    site[`/dl/${filename}`] = bytes;
    expect((await install({ sources: sources() })).how).toBe('download-site');
  });

  test('is refused, and nothing is left, when its checksum differs', async () => {
    site['/dl/?mode=json&include=all'] = index('0'.repeat(64));
    site[`/dl/${filename}`] = await archive();
    await expect(install({ sources: sources() })).rejects.toThrow('does not have its checksum');
    expect((await everythingIn(tools())).filter((name) => name.includes('1.26.8'))).toEqual([]);
  });

  test('is refused without being downloaded when the site has no checksum for it', async () => {
    site[`/dl/${filename}`] = await archive();
    await expect(install({ sources: sources() })).rejects.toThrow('gives no checksum');
    expect(requests).not.toContain(`/dl/${filename}`);
  });
});

test('a Go in PATH of the wanted release is used as it is', async () => {
  const root = path.join(scratch, 'sdk');
  await fs.mkdir(path.join(root, 'bin'), { recursive: true });
  await fs.writeFile(path.join(root, 'VERSION'), 'go1.26.8\n');
  await fs.writeFile(path.join(root, 'bin', 'go'), '');
  await fs.symlink(path.join(root, 'bin'), path.join(scratch, 'linked'));
  const ready = await install({ env: { PATH: path.join(scratch, 'linked') } });
  expect(ready).toMatchObject({ how: 'path', root: await fs.realpath(root) });
});

test('a folder in the tool cache that holds another release than its name says is not used', async () => {
  const root = path.join(tools(), 'go', '1.26.8', 'x64');
  await fs.mkdir(path.join(root, 'bin'), { recursive: true });
  await fs.writeFile(path.join(root, 'VERSION'), 'go1.20\n');
  await fs.writeFile(path.join(root, 'bin', 'go'), '');
  await fs.writeFile(`${root}.complete`, '');
  expect((await install({ env: await serveProxy() })).how).toBe('module-proxy');
});

test.each([
  [
    'https://a.example,https://b.example|direct',
    ['https://a.example', 'https://b.example', 'https://go.dev/dl/mod'],
  ],
  ['off', []],
  ['https://a.example/,off,https://b.example', ['https://a.example']],
  ['direct,https://a.example', ['https://go.dev/dl/mod']],
  ['ftp://x,file:///mirror, https://a.example ', ['file:///mirror', 'https://a.example']],
])('GOPROXY=%s means %j', (text, bases) => {
  expect(parseGoProxy(text).map(({ base: one }) => one)).toEqual(bases);
});
