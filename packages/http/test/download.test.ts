import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeClock, steppedClock } from '@slipway/testing';
import {
  createHttpClient,
  download,
  type Downloaded,
  type DownloadOptions,
  type HttpClient,
} from '../src/index.ts';
import { serve, type LocalServer } from './servers.ts';

const content = Buffer.alloc(300_000, 'slipway');
const sha256 = createHash('sha256').update(content).digest('hex');

/** Sends a third of the file at a time, from where it is asked to, and breaks off. */
function breakOften(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
  const matches = request.headers['if-range'] === '"one"';
  const from = matches ? start : 0;
  const total = content.length;
  const headers = { etag: '"one"', 'content-length': total - from };
  if (from === 0) response.writeHead(200, headers);
  else {
    const range = `bytes ${from}-${total - 1}/${total}`;
    response.writeHead(206, { ...headers, 'content-range': range });
  }
  if (requests > 2) response.end(content.subarray(from));
  else response.write(content.subarray(from, from + 100_000), () => request.socket.destroy());
}

let server: LocalServer;
let client: HttpClient;
let folder: string;
let file: string;
let requests = 0;
let ranges: (string | undefined)[] = [];

beforeAll(async () => {
  server = await serve((request, response) => {
    requests += 1;
    ranges.push(request.headers.range);
    const { pathname } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/missing') response.writeHead(404).end('no such file');
    else if (pathname === '/stalls') response.write(content.subarray(0, 100_000));
    else if (pathname === '/breaks-once' && requests === 1) {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => request.socket.destroy());
    } else if (pathname === '/silent-once' && requests === 1)
      response.write(content.subarray(0, 100_000));
    else if (pathname === '/breaks-often') breakOften(request, response);
    else if (pathname === '/changes') {
      response.writeHead(200, { 'content-length': content.length, etag: `"${requests}"` });
      if (requests > 1) response.end(content);
      else response.write(Buffer.alloc(100_000, 'old'), () => request.socket.destroy());
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
  ranges = [];
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-download-'));
  file = path.join(folder, 'tool');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function get(pathname: string, options: Partial<DownloadOptions> = {}): Promise<Downloaded> {
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

  test('goes on from where it broke when the server has the same file still', async () => {
    expect(await get('/breaks-often')).toEqual({ bytes: content.length, sha256 });
    const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')?.[1]));
    expect([starts[0], starts.length, await isWhole()]).toEqual([0, 3, true]);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  });

  test('begins anew when the file was replaced meanwhile', async () => {
    expect(await get('/changes')).toEqual({ bytes: content.length, sha256 });
    expect([requests, await isWhole()]).toEqual([2, true]);
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test('of which nothing more comes is tried again', async () => {
    const clock = steppedClock();
    const done = get('/silent-once', { clock, quietMs: 5_000 });
    const ticking = setInterval(() => void clock.advance(1_000), 20);
    expect((await done.finally(() => clearInterval(ticking))).bytes).toBe(content.length);
    expect(requests).toBe(2);
  });

  test('whose content is proven in another way says what it got', async () => {
    expect(await get('/tool', { sha256: 'unknown' })).toEqual({ bytes: content.length, sha256 });
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

  test('into a folder that does not exist is not begun', async () => {
    const lost = path.join(folder, 'none', 'tool');
    await expect(
      download(`${server.url}/tool`, lost, { fetch: client.fetch, sha256, clock: fakeClock() }),
    ).rejects.toThrow('could not be fetched');
    expect(requests).toBe(0);
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
