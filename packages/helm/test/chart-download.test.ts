import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { downloadChart } from '../src/chart/chart-download.ts';

let folder: string;
let asked: { url: string; authorization: string | null }[];
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'chart-download-'));
  asked = [];
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function download(url: string, status = 200): Promise<string> {
  const ports = {
    fetch: (to: string | URL, init?: RequestInit) => {
      asked.push({
        url: String(to),
        authorization: new Headers(init?.headers).get('authorization'),
      });
      return Promise.resolve(new Response('content', { status }));
    },
    clock: systemClock,
    log: fakeLog(),
    signal: new AbortController().signal,
  };
  const login = { username: 'ci', password: 'hunter2' };
  return await downloadChart(ports, url, { login, folder, signed: true });
}

test('an archive is fetched with what signs it, which lies beside it under the same query', async () => {
  const file = await download('https://example.com/charts/api-1.0.0.tgz?token=t');
  expect(await fs.readdir(folder)).toEqual(['api-1.0.0.tgz', 'api-1.0.0.tgz.prov']);
  expect(path.dirname(file)).toBe(folder);
  const authorization = `Basic ${Buffer.from('ci:hunter2').toString('base64')}`;
  expect(asked).toEqual([
    { url: 'https://example.com/charts/api-1.0.0.tgz?token=t', authorization },
    { url: 'https://example.com/charts/api-1.0.0.tgz.prov?token=t', authorization },
  ]);
});

test.each([
  [401, 'repo-username'],
  [404, 'address is right'],
])('an answer of %d is told with what to do, without the query', async (status, advice) => {
  const failed = download('https://example.com/api-1.0.0.tgz?token=in-the-query', status);
  await expect(failed).rejects.toMatchObject({
    message: expect.not.stringContaining('in-the-query'),
    next: expect.stringContaining(advice),
  });
});

test('a name in the address cannot lead out of the folder', async () => {
  const file = await download('https://example.com/..%2f..%2fetc%2fpasswd');
  expect(path.dirname(file)).toBe(folder);
});
