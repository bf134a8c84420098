import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@slipway/runtime';
import {
  fakeApiServer,
  listenOnLoopback,
  type FakeApiServer,
  type LoopbackApiServer,
} from '@slipway/testing';
import { PortForwardError, type KubeClient } from '../src/index.ts';
import { startApiServer } from './api-server.ts';

const place = { namespace: 'shop', pod: 'api-1', port: 8080 };
const request = { ...place, timeoutMs: 20_000 };

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

let api: FakeApiServer;
let server: LoopbackApiServer;
let client: KubeClient;
let app: http.Server;

beforeEach(async () => {
  api = fakeApiServer({ clock: systemClock, namespaces: ['shop'] });
  api.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'api-1', namespace: 'shop' } });
  server = await listenOnLoopback(api);
  client = server.client();
  app = http.createServer((got, response) => {
    if (got.url === '/large') response.end(Buffer.alloc(1_000_000, 'x'));
    else if (got.url === '/moved') response.writeHead(302, { location: '/next?page=2' }).end();
    else response.end(JSON.stringify(got.headers));
  });
  server.expose(place, await listen(app));
});

afterEach(async () => {
  await server.close();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

async function open(port = 8080): Promise<Duplex> {
  const forward = await client.portForward({ ...request, port });
  if (forward.kind !== 'open') throw new Error(forward.message);
  return forward.stream;
}

/** All that comes back, or the error that ends it. */
function exchange(stream: Duplex, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks).toString()));
    stream.on('error', reject);
    stream.write(text);
  });
}

const get = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`;

describe('a connection to a port of a pod', () => {
  test('carries what the pod is sent as it is, and all that it answers', async () => {
    const answer = await exchange(await open(), get('/'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('"host":"shop.example"');
    expect(answer).not.toContain('x-forwarded');
    expect(await exchange(await open(), get('/large'))).toHaveLength(
      1_000_000 + answer.indexOf('\r\n\r\n') + 9,
    );
  });

  test('carries more than one frame of the client', async () => {
    const echo = net.createServer((socket) => socket.pipe(socket));
    server.expose({ ...place, port: 7 }, await listen(echo));
    const stream = await open(7);
    const sent = 'abcdefgh'.repeat(25_000);
    let got = '';
    await new Promise<void>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        got += chunk.toString();
        if (got.length === sent.length) resolve();
      });
      stream.write(sent);
    });
    expect(got).toBe(sent);
    stream.destroy();
    await new Promise((resolve) => echo.close(resolve));
  });

  test('ends with the node’s word when nothing listens there', async () => {
    const error: unknown = await exchange(await open(9), 'x').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PortForwardError);
    expect((error as Error).message).toMatch(/port 9 to pod api-1.*connection refused/);
  });

  test('is refused with its status and reason: without the right, and when the pod is gone', async () => {
    expect(await client.portForward({ ...request, pod: 'api-2' })).toMatchObject({
      kind: 'refused',
      status: 404,
      message: expect.stringContaining('pods "api-2" not found'),
    });
    // The verb of the upgrade is get; since Kubernetes 1.35 it takes create as well.
    api.forbid('create', 'pods/portforward');
    expect(await client.portForward(request)).toMatchObject({ kind: 'refused', status: 403 });
  });

  test('is refused by a server that stays with HTTP, and by one that speaks another protocol', async () => {
    const plain = await startApiServer((_, response) => response.writeHead(200).end('ok'));
    expect(await plain.client.portForward(request)).toMatchObject({ kind: 'refused', status: 200 });
    const switched =
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade';
    const other = net.createServer((socket) =>
      socket.once('data', () => socket.write(`${switched}\r\n\r\n`)),
    );
    const there = plain.clientFor({ server: `http://127.0.0.1:${await listen(other)}` });
    expect(await there.portForward(request)).toMatchObject({ kind: 'refused', status: 101 });
    await plain.close();
    other.close();
  });

  test('ends with a KubeError when the API server is silent, and with the reason when it is aborted', async () => {
    const silent = net.createServer(() => undefined);
    const plain = await startApiServer(() => undefined);
    const there = plain.clientFor({ server: `http://127.0.0.1:${await listen(silent)}` });
    await expect(there.portForward({ ...request, timeoutMs: 50 })).rejects.toMatchObject({
      reason: 'Timeout',
    });
    const reason = new Error('cancelled');
    await expect(there.portForward({ ...request, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    await plain.close();
    silent.close();
  });
});

describe('a request through the API server’s proxy', () => {
  test('has another Host and no login, and says so: that is why port-forward is there', async () => {
    const { body } = await client.podProxy({
      ...request,
      path: '/',
      headers: [
        ['User-Agent', 'kube-probe/1.36'],
        ['Authorization', 'Basic eDp5'],
        ['X-Tenant', 'acme'],
      ],
    });
    const headers = JSON.parse(body) as Record<string, string>;
    expect(headers).toMatchObject({ 'user-agent': 'kube-probe/1.36', 'x-tenant': 'acme' });
    expect(headers['authorization']).toBeUndefined();
    expect(headers['host']).toMatch(/^127\.0\.0\.1:/);
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  test('tells where a pod redirects to in the pod’s own words', async () => {
    expect(await client.podProxy({ ...request, path: '/moved' })).toMatchObject({
      status: 302,
      location: '/next?page=2',
    });
  });
});
