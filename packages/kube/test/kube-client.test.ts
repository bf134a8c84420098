import { afterEach, describe, expect, test } from '@jest/globals';
import {
  fakeApiServer,
  fakeClock,
  fakeLog,
  pacedClock,
  type FakeApiServer,
} from '@slipway/testing';
import { followObjects, KubeError, type Change, type KubeObject } from '../src/index.ts';
import { json, refusal, startApiServer, type ApiServer } from './api-server.ts';

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const pods = '/api/v1/namespaces/shop/pods';
const named = (name: string, resourceVersion = '1'): KubeObject => ({
  metadata: { name, uid: name, resourceVersion },
});

describe('a list', () => {
  test('follows the continue token to the last page', async () => {
    server = await startApiServer(({ url }, response) => {
      const next = new URL(url, 'http://x').searchParams.get('continue');
      if (next === null)
        json(response, {
          items: [named('a')],
          metadata: { continue: 'two', resourceVersion: '9' },
        });
      else json(response, { items: [named('b')], metadata: { resourceVersion: '9' } });
    });
    const items = await server.client.list<KubeObject>(pods, { labelSelector: 'app=api' });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['a', 'b']);
    expect(server.received.map(({ url }) => url)).toEqual([
      `${pods}?limit=500&labelSelector=app%3Dapi`,
      `${pods}?limit=500&labelSelector=app%3Dapi&continue=two`,
    ]);
  });
});

describe('an error', () => {
  test('carries the status, the reason and the path of the refusal', async () => {
    const message = 'pods is forbidden: User "ci" cannot list resource "pods"';
    server = await startApiServer((_, response) =>
      json(response, refusal(403, 'Forbidden', message), 403),
    );
    const error = await server.client.list(pods).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({ status: 403, reason: 'Forbidden', path: pods });
    expect((error as KubeError).message).toContain(message);
  });

  test('quotes the start of an answer that is not the API server’s own', async () => {
    server = await startApiServer((_, response) =>
      response.writeHead(502).end('<html>bad gateway</html>'),
    );
    await expect(server.client.get(pods)).rejects.toMatchObject({ status: 502, reason: 'HTTP502' });
  });

  test('names the host when nothing listens there', async () => {
    server = await startApiServer((_, response) => response.end());
    const { port } = server;
    const gone = server.clientFor(
      { server: `http://127.0.0.1:${port === 65535 ? 1 : 65535}` },
      { clock: fakeClock() },
    );
    await expect(gone.get(pods)).rejects.toMatchObject({
      status: 0,
      reason: 'Unreachable',
      message: expect.stringContaining('the connection was refused'),
    });
  });

  test('says that an answer took too long', async () => {
    server = await startApiServer(() => undefined);
    const client = server.clientFor({}, { timeoutMs: 50 });
    await expect(client.get(pods)).rejects.toMatchObject({ reason: 'Timeout', status: 0 });
  });
});

describe('a request is sent again', () => {
  test('after 429, as late as Retry-After says', async () => {
    server = await startApiServer((_, response) => {
      if (server?.received.length === 1) response.writeHead(429, { 'retry-after': '7' }).end();
      else json(response, named('a'));
    });
    const clock = fakeClock(0);
    const client = server.clientFor({}, { clock });
    await expect(client.create(pods, { kind: 'Pod' })).resolves.toEqual(named('a'));
    expect(clock.now()).toBe(7_000);
  });

  test('but a change is not, when it may have happened', async () => {
    server = await startApiServer((_, response) => response.destroy());
    const client = server.clientFor({}, { clock: fakeClock() });
    await expect(client.patch(pods, {})).rejects.toMatchObject({ reason: 'Unreachable' });
    expect(server.received).toHaveLength(1);
  });

  test('a read is, when the connection broke', async () => {
    server = await startApiServer((_, response) => {
      if ((server?.received.length ?? 0) < 3) response.destroy();
      else json(response, named('a'));
    });
    const client = server.clientFor({}, { clock: fakeClock() });
    await expect(client.get(pods)).resolves.toEqual(named('a'));
  });
});

test('credentials do not follow a redirect to another server', async () => {
  const other = await startApiServer((_, response) => json(response, {}));
  server = await startApiServer((_, response) =>
    response.writeHead(302, { location: `${other.url}/steal` }).end(),
  );
  const client = server.clientFor({ auth: { kind: 'token', token: 's3cret' } });
  await expect(client.get(pods)).rejects.toMatchObject({ status: 302 });
  expect(server.received[0]?.headers.authorization).toBe('Bearer s3cret');
  expect(other.received).toEqual([]);
  await other.close();
});

test('an abort ends a request with the signal’s own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('cancelled');
  server = await startApiServer(() => controller.abort(reason));
  const client = server.clientFor({}, { signal: controller.signal });
  await expect(client.get(pods)).rejects.toBe(reason);
});

describe('the pod proxy', () => {
  const request = {
    namespace: 'shop',
    pod: 'api-1',
    port: 8080,
    path: '/readyz?x=1',
    timeoutMs: 20_000,
  };

  test('asks the pod by name, port and path', async () => {
    server = await startApiServer((_, response) => response.end('ok'));
    const answer = await server.client.podProxy(request);
    expect(answer).toMatchObject({ from: 'pod', status: 200, body: 'ok' });
    expect(server.received[0]?.url).toBe(`${pods}/api-1%3A8080/proxy/readyz?x=1`);
  });

  test('tells the pod’s own 503 from the API server’s', async () => {
    server = await startApiServer(({ url }, response) => {
      if (url.endsWith('/pod')) response.writeHead(503).end('not ready');
      else
        json(
          response,
          refusal(503, 'ServiceUnavailable', 'error trying to reach service: dial tcp'),
          503,
        );
    });
    const own = await server.client.podProxy({ ...request, path: '/pod' });
    const proxys = await server.client.podProxy({ ...request, path: '/api' });
    expect(own).toMatchObject({ from: 'pod', status: 503, body: 'not ready' });
    expect(proxys).toMatchObject({
      from: 'api-server',
      status: 503,
      body: 'error trying to reach service: dial tcp',
    });
  });

  test('reads no more than the start of a body that is huge or never ends', async () => {
    server = await startApiServer((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1_000_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const answer = await server.client.podProxy({ ...request, maxBytes: 1_000 });
    expect(answer).toMatchObject({ from: 'pod', status: 200, body: 'x'.repeat(1_000) });
  });

  test('keeps the status of an answer whose body does not come', async () => {
    server = await startApiServer((_, response) => {
      response.write('start');
    });
    const client = server.clientFor({}, { clock: pacedClock() });
    const answer = await client.podProxy({ ...request, timeoutMs: 200 });
    expect(answer).toMatchObject({ from: 'pod', status: 200, body: 'start' });
  });

  test('says nobody answered when the time is up', async () => {
    server = await startApiServer(() => undefined);
    expect(await server.client.podProxy({ ...request, timeoutMs: 50 })).toMatchObject({
      from: 'nobody',
      status: 0,
    });
  });
});

describe('following objects', () => {
  const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

  async function collect(until: number): Promise<string[]> {
    const told: string[] = [];
    const stop = new AbortController();
    const ports = { client: server?.client, clock: fakeClock(), log: fakeLog() } as Parameters<
      typeof followObjects
    >[0];
    for await (const change of followObjects(ports, pods, {}, stop.signal)) {
      told.push(`${change.type} ${name(change)}`.trim());
      if (told.length >= until) stop.abort();
    }
    return told;
  }
  const name = (change: Change<KubeObject>): string => change.object?.metadata?.name ?? '';

  /** Ends the first watch as servers do after some minutes, and breaks off the second. */
  async function endTwice(api: FakeApiServer): Promise<void> {
    for (const [nth, how] of [
      [1, 'end'],
      [2, 'break'],
    ] as const) {
      const isOpen = (): boolean => api.count({ verb: 'watch' }) === nth && api.openWatches() === 1;
      while (!isOpen()) await new Promise((resolve) => setImmediate(resolve));
      api.endWatches(how);
    }
  }

  test('tells what is there, then what changes, across split lines', async () => {
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true')) {
        json(response, { items: [named('a', '4')], metadata: { resourceVersion: '5' } });
        return;
      }
      const text =
        line('MODIFIED', named('a', '6')) +
        line('BOOKMARK', named('', '8')) +
        line('DELETED', named('a', '9'));
      response.write(text.slice(0, 30));
      setTimeout(() => response.write(text.slice(30)), 5);
    });
    expect(await collect(4)).toEqual(['ADDED a', 'SYNC', 'MODIFIED a', 'DELETED a']);
    expect(server.received[1]?.url).toContain('resourceVersion=5');
  });

  test('goes on from the bookmark when the server ends the watch', async () => {
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true'))
        json(response, { items: [], metadata: { resourceVersion: '5' } });
      else if (url.includes('resourceVersion=5')) response.end(line('BOOKMARK', named('', '8')));
      else response.write(line('ADDED', named('b', '9')));
    });
    expect(await collect(2)).toEqual(['SYNC', 'ADDED b']);
    expect(server.received[2]?.url).toContain('resourceVersion=8');
  });

  test('lists again after 410 and tells the difference', async () => {
    let lists = 0;
    server = await startApiServer(({ url }, response) => {
      if (url.includes('watch=true')) {
        if (lists === 1)
          response.end(line('ERROR', refusal(410, 'Expired', 'too old resource version')));
        return;
      }
      lists += 1;
      const items =
        lists === 1 ? [named('a', '1'), named('b', '2')] : [named('b', '7'), named('c', '8')];
      json(response, { items, metadata: { resourceVersion: String(lists) } });
    });
    expect(await collect(7)).toEqual([
      'ADDED a',
      'ADDED b',
      'SYNC',
      'DELETED a',
      'MODIFIED b',
      'ADDED c',
      'SYNC',
    ]);
  });

  test('says that it lost sight and then goes on', async () => {
    let watches = 0;
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true'))
        json(response, { items: [], metadata: { resourceVersion: '5' } });
      else if (++watches === 1) response.writeHead(500).end();
      else response.write(line('ADDED', named('b', '9')));
    });
    expect(await collect(3)).toEqual(['SYNC', 'LOST', 'ADDED b']);
  });

  test('says so, and goes on, when the connection breaks in the middle', async () => {
    let watches = 0;
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true'))
        json(response, { items: [], metadata: { resourceVersion: '5' } });
      else if (++watches === 1)
        response.write(line('ADDED', named('a', '7')), () => response.destroy());
      else response.write(line('ADDED', named('b', '9')));
    });
    expect(await collect(4)).toEqual(['SYNC', 'ADDED a', 'LOST', 'ADDED b']);
    expect(server.received[2]?.url).toContain('resourceVersion=7');
  });

  test('reads 300 objects in one request, and none again when the watch is taken up', async () => {
    const clock = fakeClock();
    const api = fakeApiServer({ clock, namespaces: ['shop'] });
    for (let index = 0; index < 300; index += 1)
      api.put({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${index}`, namespace: 'shop' },
      });
    const stop = new AbortController();
    const ports = { client: api.client(), clock, log: fakeLog() };
    const told = new Map<string, number>();
    for await (const { type } of followObjects(ports, pods, {}, stop.signal)) {
      told.set(type, (told.get(type) ?? 0) + 1);
      if (type === 'SYNC') void endTwice(api);
      if (type === 'LOST') stop.abort();
    }
    expect(told).toEqual(
      new Map([
        ['ADDED', 300],
        ['SYNC', 1],
        ['LOST', 1],
      ]),
    );
    expect(api.count({ verb: 'list' })).toBe(1);
    expect(api.count({ verb: 'watch' })).toBe(2);
  });

  test('ends with the refusal when it may not watch', async () => {
    server = await startApiServer((_, response) =>
      json(response, refusal(403, 'Forbidden', 'no'), 403),
    );
    await expect(collect(1)).rejects.toMatchObject({ status: 403 });
  });
});
