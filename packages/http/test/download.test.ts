import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { createHttpClient, download, type DownloadOptions, type HttpClient } from '../src/index.ts';
import { serve, type LocalServer } from './servers.ts';

jest.setTimeout(30_000);

const content = Buffer.alloc(300_000, 'slipway');
const sha256 = createHash('sha256').update(content).digest('hex');

let server: LocalServer;
let client: HttpClient;
let folder: string;
let file: string;
let requests = 0;

beforeAll(async () => {
  server = await serve((request, response) => {
    requests += 1;
    const { pathname } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/missing') response.writeHead(404).end('no such file');
    else if (pathname === '/stalls') response.write(content.subarray(0, 100_000));
    else if (pathname === '/breaks-once' && requests === 1) {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => request.socket.destroy());
    } else if (pathname === '/busy-once' && requests === 1) response.writeHead(503).end();
    else if (pathname === '/other') response.end('something else');
    else response.end(content);
  });
  client = createHttpClient({ env: {} });
});
afterAll(async () => {
  await client.close();
  await server.close();
});
beforeEach(async () => {
  requests = 0;
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-download-'));
  file = path.join(folder, 'tool');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function get(pathname: string, options: Partial<DownloadOptions> = {}): Promise<{ bytes: number }> {
  const url = `${server.url}${pathname}?signature=hunter2`;
  return download(url, file, { fetch: client.fetch, sha256, clock: fakeClock(), ...options });
}

async function isWhole(): Promise<boolean> {
  return content.equals(await readFile(file));
}

async function leftovers(): Promise<string[]> {
  return readdir(folder);
}

describe('a download', () => {
  test('is in its place once it is what it must be', async () => {
    const progress: (number | undefined)[][] = [];
    const result = await get('/tool', {
      sha256: sha256.toUpperCase(),
      mode: 0o755,
      onProgress: (bytes, total) => progress.push([bytes, total]),
    });
    expect([result.bytes, await isWhole()]).toEqual([content.length, true]);
    expect((await stat(file)).mode & 0o777).toBe(0o755);
    expect(progress.at(-1)?.[0]).toBe(content.length);
    expect(await leftovers()).toEqual(['tool']);
  });

  test('replaces what was there', async () => {
    await writeFile(file, 'old');
    await get('/tool');
    expect(await isWhole()).toBe(true);
  });

  test.each(['/breaks-once', '/busy-once'])('is tried again when it %s', async (pathname) => {
    await get(pathname);
    expect([requests, await leftovers()]).toEqual([2, ['tool']]);
  });

  test('that is another file is refused, what was there stays, and nothing else', async () => {
    await writeFile(file, 'old');
    await expect(get('/other')).rejects.toThrow(
      new RegExp(`/other has SHA-256 [0-9a-f]{64}, but ${sha256} was expected \\(14 bytes\\)\\.$`),
    );
    expect([requests, await readFile(file, 'utf8'), await leftovers()]).toEqual([
      1,
      'old',
      ['tool'],
    ]);
  });

  test('that does not exist says so at once, without the secrets of its URL', async () => {
    const error = (await get('/missing').catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toBe(`${server.url}/missing answered 404.`);
    expect([requests, await leftovers()]).toEqual([1, []]);
  });

  test('that was cancelled leaves nothing', async () => {
    const controller = new AbortController();
    const cancelled = get('/stalls', {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('cancelled')),
    });
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await leftovers()).toEqual([]);
  });

  test('larger than it may be is given up', async () => {
    await expect(get('/tool', { maxBytes: 1000 })).rejects.toThrow('is larger than 1.0 kB');
    expect([requests, await leftovers()]).toEqual([1, []]);
  });

  test('without a checksum is not begun', async () => {
    await expect(get('/tool', { sha256: 'abc' })).rejects.toThrow('no SHA-256 to check');
    expect(requests).toBe(0);
  });

  test('into a folder that does not exist is not tried again', async () => {
    const lost = path.join(folder, 'none', 'tool');
    await expect(
      download(`${server.url}/tool`, lost, { fetch: client.fetch, sha256, clock: fakeClock() }),
    ).rejects.toThrow('could not be fetched');
    expect(requests).toBe(1);
  });

  test('from a server that is away fails after its attempts', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    let attempts = 0;
    const fetch: DownloadOptions['fetch'] = (url, init) => {
      attempts += 1;
      return client.fetch(url, init);
    };
    await expect(
      download(`${gone.url}/tool`, file, { fetch, sha256, clock: fakeClock() }),
    ).rejects.toThrow('could not be fetched');
    expect(attempts).toBe(4);
  });
});
