import http from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeClock, fakeLog } from '@slipway/testing';
import {
  createKubeClient,
  type KubeTarget,
  type Relay,
  type RelayedRequest,
  type RelayRule,
} from '../src/index.ts';

const target: KubeTarget = {
  ...{ source: 'a test', context: 'test', server: 'https://api.test/k8s', namespace: 'shop' },
  ...{ tls: {}, proxyUrl: undefined, auth: { kind: 'token', token: 'of-the-cluster' } },
  impersonate: [],
};

interface Asked {
  url: string;
  method: string;
  headers: Headers;
  body: string;
}

const relays: Relay[] = [];

/** A relay to an API server that answers as `serve` does, and what that was asked. */
async function open(serve: () => Response, rule: RelayRule = () => Promise.resolve('pass')) {
  const asked: Asked[] = [];
  const client = createKubeClient(target, {
    ...{ env: {}, log: fakeLog(), clock: fakeClock() },
    fetch: (url, init) => {
      const { method = 'GET', headers, body } = init ?? {};
      const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '';
      asked.push({ url: String(url), method, headers: new Headers(headers), body: text });
      return Promise.resolve(serve());
    },
  });
  const relay = await client.relay(rule);
  relays.push(relay);
  return { relay, asked };
}

afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

interface Config {
  clusters: { cluster: { server: string; 'proxy-url': string } }[];
}

/** What a child process that reads the kubeconfig sends. */
function send(
  relay: Relay,
  path: string,
  options: { method?: string; body?: string; password?: string; server?: string } = {},
): Promise<http.IncomingMessage> {
  const [{ cluster } = { cluster: { server: '', 'proxy-url': '' } }] = (
    JSON.parse(relay.kubeconfig) as Config
  ).clusters;
  const proxy = new URL(cluster['proxy-url']);
  const login = `${proxy.username}:${options.password ?? proxy.password}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      ...{ host: proxy.hostname, port: proxy.port, method: options.method ?? 'GET' },
      path: `${options.server ?? cluster.server}${path}`,
      headers: {
        'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}`,
        authorization: 'Bearer of-the-child',
        'user-agent': 'Helm/4.2.3',
        'content-type': 'application/json',
      },
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end(options.body);
  });
}

async function textOf(message: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
}

describe('a relay', () => {
  test('hands a request on as who the client is, and the answer back', async () => {
    const seen: RelayedRequest[] = [];
    const { relay, asked } = await open(
      () => Response.json({ kind: 'Secret' }, { status: 201, headers: { warning: '299 - "old"' } }),
      (request) => {
        seen.push(request);
        return Promise.resolve('pass');
      },
    );
    const path = '/api/v1/namespaces/shop/secrets?fieldManager=helm';
    const answer = await send(relay, path, { method: 'POST', body: '{"kind":"Secret"}' });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['warning']).toBe('299 - "old"');
    expect(JSON.parse(await textOf(answer))).toEqual({ kind: 'Secret' });
    const [request] = asked;
    expect(request).toMatchObject({
      url: 'https://api.test/k8s/api/v1/namespaces/shop/secrets?fieldManager=helm',
      method: 'POST',
      body: '{"kind":"Secret"}',
    });
    expect(request?.headers.get('authorization')).toBe('Bearer of-the-cluster');
    expect(request?.headers.get('user-agent')).toBe('Helm/4.2.3');
    expect(request?.headers.has('proxy-authorization')).toBe(false);
    expect(seen).toMatchObject([{ method: 'POST', path: '/api/v1/namespaces/shop/secrets' }]);
  });

  test('says of no body that it is packed: what a server packs unasked is unpacked by then', async () => {
    const { relay } = await open(() =>
      Response.json({ kind: 'Secret' }, { headers: { 'content-encoding': 'gzip' } }),
    );
    const answer = await send(relay, '/api/v1/namespaces/shop/secrets');
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(await textOf(answer))).toEqual({ kind: 'Secret' });
  });

  test('lets nobody in who does not know its password, and to no other server', async () => {
    const { relay, asked } = await open(() => Response.json({}));
    const stranger = await send(relay, '/api/v1/nodes', { password: 'guess' });
    const elsewhere = await send(relay, '/api/v1/nodes', { server: 'http://other.test' });
    const beside = await send(relay, '/other/api', { server: 'http://api.test' });
    expect([stranger, elsewhere, beside].map(({ statusCode }) => statusCode)).toEqual([
      407, 403, 403,
    ]);
    expect(asked).toEqual([]);
  });

  test('answers by itself what its rule answers', async () => {
    const body = { kind: 'Status', code: 403 };
    const { relay, asked } = await open(
      () => Response.json({}),
      () => Promise.resolve({ status: 403, body }),
    );
    const answer = await send(relay, '/api/v1/nodes', { method: 'DELETE' });
    expect(answer.statusCode).toBe(403);
    expect(JSON.parse(await textOf(answer))).toEqual(body);
    expect(asked).toEqual([]);
  });

  test('hands a watch on as it comes, and ends it when the child does', async () => {
    const ended = Promise.withResolvers<true>();
    const events = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"type":"ADDED"}\n')),
      cancel: () => ended.resolve(true),
    });
    const { relay } = await open(() => new Response(events));
    const answer = await send(relay, '/api/v1/pods?watch=true');
    const first = await new Promise((resolve) => answer.once('data', resolve));
    expect(String(first)).toBe('{"type":"ADDED"}\n');
    answer.destroy();
    expect(await ended.promise).toBe(true);
  });

  test('breaks the connection where the server cannot be reached', async () => {
    const { relay } = await open(() => {
      throw new TypeError('fetch failed');
    });
    await expect(send(relay, '/api/v1/nodes')).rejects.toThrow('socket hang up');
  });
});
