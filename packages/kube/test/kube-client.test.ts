import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeClock, pacedClock } from '@slipway/testing';
import { KubeError, type KubeObject } from '../src/index.ts';
import { json, named, pods, refusal, startApiServer, type ApiServer } from './api-server.ts';

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
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
