import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeClock, fakeLog } from '@slipway/testing';
import { createHttpClient, retryAfterMs, retryingFetch, type HttpClient } from '../src/index.ts';
import { serve, type LocalServer } from './servers.ts';

type Answer = readonly [status: number, headers?: Record<string, string>] | 'hang up';

let server: LocalServer;
let client: HttpClient;
let answers: Answer[] = [];
let requests: string[] = [];

beforeAll(async () => {
  server = await serve((request, response) => {
    requests.push(request.method ?? '');
    const answer = answers.shift() ?? [200];
    if (answer === 'hang up') request.socket.destroy();
    else response.writeHead(answer[0], answer[1]).end(`answer ${requests.length}`);
  });
  client = createHttpClient({ env: {} });
});
afterAll(async () => {
  await client.close();
  await server.close();
});
beforeEach(() => {
  requests = [];
});

function retrying(...given: Answer[]) {
  answers = given;
  const [clock, log] = [fakeClock(), fakeLog()];
  const startMs = clock.now();
  const fetch = retryingFetch(client.fetch, { clock, log, random: () => 1 });
  return { fetch, log, waitedMs: () => clock.now() - startMs };
}

describe('retryingFetch', () => {
  test('repeats after passing answers and broken connections, waiting twice as long each time', async () => {
    const { fetch, waitedMs, log } = retrying([503], 'hang up', [502]);
    const response = await fetch(`${server.url}/path?token=hunter2`);
    expect([await response.text(), waitedMs()]).toEqual(['answer 4', 500 + 1000 + 2000]);
    expect(log.text()).toContain(`GET ${server.url}/path answered 503; attempt 2 of 4 in 500ms.`);
    expect(log.text()).not.toContain('hunter2');
  });

  test('waits as long as the server asks', async () => {
    const { fetch, waitedMs } = retrying([429, { 'retry-after': '7' }]);
    expect((await fetch(server.url)).status).toBe(200);
    expect(waitedMs()).toBe(7_000);
  });

  test('hands on the answer of a server that asks for too long', async () => {
    const { fetch, waitedMs } = retrying([429, { 'retry-after': '3600' }]);
    expect([(await fetch(server.url)).status, waitedMs()]).toEqual([429, 0]);
  });

  test('hands on the last answer or error', async () => {
    const { fetch } = retrying([503], [503], [503], [503], [200]);
    expect([(await fetch(server.url)).status, requests.length]).toEqual([503, 4]);
    const broken = retrying('hang up', 'hang up', 'hang up', 'hang up', [200]);
    await expect(broken.fetch(server.url)).rejects.toThrow('fetch failed');
  });

  test.each([
    ['POST', 1],
    ['PATCH', 1],
    ['PUT', 2],
    ['DELETE', 2],
    ['HEAD', 2],
  ])('sends a failing %s %d time(s)', async (method, times) => {
    const { fetch } = retrying([500]);
    await fetch(server.url, { method });
    expect(requests).toHaveLength(times);
  });

  test('sends a POST again where that is said to do no harm', async () => {
    answers = [[503], [200]];
    const fetch = retryingFetch(client.fetch, { clock: fakeClock(), repeat: ['POST'] });
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(200);
    expect(requests).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 409, 501])('takes %d for an answer', async (status) => {
    const { fetch } = retrying([status]);
    expect([(await fetch(server.url)).status, requests.length]).toEqual([status, 1]);
  });

  test('stops when the job is cancelled', async () => {
    const controller = new AbortController();
    const clock = fakeClock();
    answers = [[503], [503]];
    const fetch = retryingFetch(client.fetch, {
      clock: {
        ...clock,
        sleep: (ms, signal) => {
          controller.abort(new Error('cancelled'));
          return clock.sleep(ms, signal);
        },
      },
    });
    await expect(fetch(server.url, { signal: controller.signal })).rejects.toThrow('cancelled');
    expect(requests).toHaveLength(1);
  });
});

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Thu, 01 Jan 1970 00:01:40 GMT', 40_000],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 0],
  ['soon', undefined],
  [null, undefined],
])('Retry-After %j is a wait of %j ms', (header, ms) => {
  expect(retryAfterMs(header, 60_000)).toBe(ms);
});
