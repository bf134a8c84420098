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
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCacheService, type CacheServer } from './index.ts';
import { startToolkit, type Toolkit } from './toolkit.ts';

jest.setTimeout(120_000);

let toolkit: Toolkit;
let scratch: string;
let server: CacheServer;

beforeAll(() => {
  toolkit = startToolkit({ PATH: process.env['PATH'] ?? '' });
});

afterAll(() => toolkit.close());

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'cache-service-'));
});

afterEach(async () => {
  await server.close();
  await fs.rm(scratch, { recursive: true, force: true });
});

function actionsCache(
  token: string,
  call: 'save' | 'restore',
  key: string,
  ...restoreKeys: string[]
): Promise<{ value: unknown; log: string }> {
  const places = { RUNNER_TEMP: scratch, GITHUB_WORKSPACE: scratch };
  const env = { ...places, ...server.environment(token) };
  return toolkit.call({ call, paths: [path.join(scratch, 'data')], key, restoreKeys, env });
}

const dataFile = (): string => path.join(scratch, 'data', 'file');

async function write(text: string | Buffer): Promise<void> {
  await fs.mkdir(path.join(scratch, 'data'), { recursive: true });
  await fs.writeFile(dataFile(), text);
}

async function saved(token: string, key: string, text: string | Buffer): Promise<unknown> {
  await write(text);
  const { value } = await actionsCache(token, 'save', key);
  await fs.rm(path.join(scratch, 'data'), { recursive: true });
  return value;
}

const restored = (): Promise<string> => fs.readFile(dataFile(), 'utf8');

describe('the unmodified @actions/cache', () => {
  test('gets back what it saved', async () => {
    server = await startCacheService();
    const token = server.runtimeToken('refs/heads/main');
    expect(await saved(token, 'a-1', 'first')).toBeGreaterThan(0);
    expect((await actionsCache(token, 'restore', 'a-1')).value).toBe('a-1');
    expect(await restored()).toBe('first');
    expect(server.stats().entries).toMatchObject([{ key: 'a-1', scope: 'refs/heads/main' }]);
  });

  test('uploads an archive above its single-shot limit in blocks, and reads it back', async () => {
    server = await startCacheService();
    const token = server.runtimeToken('refs/heads/main');
    const bytes = randomBytes(129 * 1024 * 1024);
    expect(await saved(token, 'large', bytes)).toBeGreaterThan(0);
    expect(server.stats().requests['block-put']).toBeGreaterThan(1);
    expect((await actionsCache(token, 'restore', 'large')).value).toBe('large');
    const back = await fs.readFile(dataFile());
    expect(back.equals(bytes)).toBe(true);
  });

  test('finds the newest entry by the prefix in restore-keys', async () => {
    server = await startCacheService();
    const token = server.runtimeToken('refs/heads/main');
    await saved(token, 'p-1', 'one');
    await saved(token, 'p-2', 'two');
    await saved(token, 'q-3', 'three');
    expect((await actionsCache(token, 'restore', 'p-9', 'p-')).value).toBe('p-2');
    expect(await restored()).toBe('two');
  });

  test('sees its own branch first, then the default branch, and never a sibling', async () => {
    server = await startCacheService();
    const main = server.runtimeToken('refs/heads/main');
    const feature = server.runtimeToken('refs/heads/feature', 'refs/heads/main');
    const sibling = server.runtimeToken('refs/heads/sibling', 'refs/heads/main');
    await saved(main, 's-1', 'main');
    await saved(feature, 's-2', 'feature');
    expect((await actionsCache(feature, 'restore', 's-0', 's-')).value).toBe('s-2');
    expect((await actionsCache(sibling, 'restore', 's-0', 's-')).value).toBe('s-1');
    expect((await actionsCache(main, 'restore', 's-2')).value).toBeNull();
  });

  test('loses the least recently used entry when the quota is full', async () => {
    server = await startCacheService({ quotaBytes: 250_000 });
    const token = server.runtimeToken('refs/heads/main');
    await saved(token, 'l-1', randomBytes(100_000));
    await saved(token, 'l-2', randomBytes(100_000));
    await actionsCache(token, 'restore', 'l-1');
    await saved(token, 'l-3', randomBytes(100_000));
    expect(server.stats().entries.map(({ key }) => key)).toEqual(['l-1', 'l-3']);
    expect(server.stats().evicted).toBe(1);
  });

  test('is refused by a read-only token without failing', async () => {
    server = await startCacheService();
    const token = server.runtimeToken({ scope: 'refs/heads/main', permission: 'read' });
    await write('x');
    const { value, log } = await actionsCache(token, 'save', 'ro');
    expect(value).toBe(-1);
    expect(log).toContain('cache write denied');
    expect(server.stats()).toMatchObject({ writesDenied: 1, entries: [] });
  });

  test('cannot save the same key twice', async () => {
    server = await startCacheService();
    const token = server.runtimeToken('refs/heads/main');
    await saved(token, 'same', 'one');
    expect(await saved(token, 'same', 'two')).toBe(-1);
  });

  test('is told to slow down above the entry limit', async () => {
    server = await startCacheService({ entriesPerMinute: 1 });
    const token = server.runtimeToken('refs/heads/main');
    expect(await saved(token, 'r-1', 'one')).toBeGreaterThan(0);
    expect(await saved(token, 'r-2', 'two')).toBe(-1);
    expect(server.stats().rateLimited).toBe(1);
  });

  test('survives a 503, a cut connection and a 429, each told in advance', async () => {
    server = await startCacheService();
    const token = server.runtimeToken('refs/heads/main');
    await saved(token, 'f-1', randomBytes(300_000));
    server.failNext({ operation: 'GetCacheEntryDownloadURL', status: 503 });
    server.failNext({ operation: 'blob-get', dropAfterBytes: 1000, times: 9 });
    const first = await actionsCache(token, 'restore', 'f-1');
    expect(first.value).toBeNull();
    server.failNext({ operation: 'GetCacheEntryDownloadURL', status: 429, retryAfterSeconds: 1 });
    const { log } = await actionsCache(token, 'restore', 'f-1');
    expect(log).toContain('rate limit');
  });

  test('waits for a slow link and a far server', async () => {
    server = await startCacheService({ downloadBytesPerSecond: 400_000, latencyMs: 30 });
    const token = server.runtimeToken('refs/heads/main');
    await saved(token, 'slow', randomBytes(200_000));
    const started = performance.now();
    expect((await actionsCache(token, 'restore', 'slow')).value).toBe('slow');
    // A lower bound only: the link itself needs half a second for these bytes.
    expect(performance.now() - started).toBeGreaterThan(400);
  });
});

test('a token of another service, or a blob address that was tampered with, is refused', async () => {
  server = await startCacheService();
  const stranger = await startCacheService();
  const token = stranger.runtimeToken('refs/heads/main');
  await stranger.close();
  const call = 'twirp/github.actions.results.api.v1.CacheService/GetCacheEntryDownloadURL';
  const answer = await fetch(server.url + call, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ key: 'k', version: '0'.repeat(64) }),
  });
  expect(answer.status).toBe(401);
  const blob = await fetch(`${server.url}slipwaycache/entries/1?sp=r&sig=00`);
  expect(blob.status).toBe(403);
});
