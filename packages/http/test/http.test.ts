import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { errorMessage } from '@slipway/runtime';
import { closedPort, steppedClock } from '@slipway/testing';
import { createHttpClient, timeLimitedFetch, type HttpClient } from '../src/index.ts';
import { makeCertificates, serve, serveTls, startProxy, type LocalServer } from './servers.ts';

type Options = Parameters<typeof createHttpClient>[0];

let certificates: ReturnType<typeof makeCertificates>;
let secure: LocalServer;
let plain: LocalServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
const clients: HttpClient[] = [];

beforeAll(async () => {
  certificates = makeCertificates();
  secure = await serveTls((request, response) => {
    response.end(`secure ${request.headers.host ?? ''}`);
  }, certificates);
  plain = await serve((request, response) => {
    if (request.url === '/to-secure')
      response.writeHead(302, { location: `https://service.test:${secure.port}/` }).end();
    else if (request.url === '/slow') response.write('begun');
    else response.end(`plain ${request.headers.host ?? ''} ${request.url ?? ''}`);
  });
  proxy = await startProxy();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  proxy.seen.length = 0;
});
afterAll(() => Promise.all([secure, plain, proxy].map((server) => server.close())));

function client(options: Options): HttpClient {
  const made = createHttpClient(options);
  clients.push(made);
  return made;
}

async function text(options: Options, url: string): Promise<string> {
  return (await client(options).fetch(url)).text();
}

describe('TLS', () => {
  test('a certificate that nobody vouches for is refused', async () => {
    const refused = await text({ env: {} }, secure.url).catch(errorMessage);
    expect(refused).toMatch(/unable to verify|self-signed/i);
  });

  test('a server is trusted through a CA of its own, alone or besides those of Node', async () => {
    const { ca } = certificates;
    for (const tls of [{ ca }, { extraCa: ca }, { insecureSkipVerify: true }])
      expect(await text({ env: {}, tls }, secure.url)).toContain('secure');
  });

  test('the name in the certificate must be that of the server, or the one it is said to have', async () => {
    const url = `https://localhost:${secure.port}`;
    const { ca } = certificates;
    expect(await text({ env: {}, tls: { ca } }, url).catch(errorMessage)).toContain('altnames');
    expect(await text({ env: {}, tls: { ca, serverName: 'service.test' } }, url)).toContain(
      'secure',
    );
  });
});

test('a server that offers HTTP/2 is spoken to in HTTP/1.1', async () => {
  const server = http2.createSecureServer({ ...certificates, allowHTTP1: true });
  server.on('request', (request, response) => response.end(request.httpVersion));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { fetch, close } = client({ env: {}, tls: { ca: certificates.ca } });
  const spoken = await (await fetch(`https://127.0.0.1:${port}/`)).text();
  await close();
  server.close();
  expect(spoken).toBe('1.1');
});

describe('a proxy', () => {
  test('tunnels https, with its password, and the server is still verified', async () => {
    const env = { HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}` };
    const url = `https://service.test:${secure.port}/`;
    expect(await text({ env, tls: { ca: certificates.ca } }, url)).toContain('secure service.test');
    const basic = Buffer.from('user:p@ss').toString('base64');
    expect(proxy.seen).toEqual([`CONNECT service.test:${secure.port} Basic ${basic}`]);
    expect(await text({ env }, url).catch(errorMessage)).toMatch(/unable to verify|self-signed/i);
  });

  test('gets plain http as a request, since many proxies tunnel to port 443 only', async () => {
    const env = { http_proxy: proxy.url };
    const url = `http://service.test:${plain.port}/a?b=c`;
    expect(await text({ env }, url)).toBe(`plain service.test:${plain.port} /a?b=c`);
    expect(proxy.seen).toEqual([`GET ${url}`]);
  });

  test('is chosen anew for each step of a chain of redirects', async () => {
    const env = { http_proxy: 'http://127.0.0.1:9', https_proxy: proxy.url };
    const tls = { ca: certificates.ca };
    expect(await text({ env, tls }, `${plain.url}/to-secure`)).toContain('secure service.test');
    expect(proxy.seen).toEqual([`CONNECT service.test:${secure.port}`]);
  });

  test('is not used for what NO_PROXY names', async () => {
    const env = { http_proxy: proxy.url, NO_PROXY: 'service.test' };
    expect(await text({ env }, `http://service.test:${plain.port}/`).catch(errorMessage)).toContain(
      'service.test',
    );
    expect(proxy.seen).toEqual([]);
  });

  test('of its own takes the place of those of the environment, also for loopback', async () => {
    const options = { env: { http_proxy: 'http://127.0.0.1:9', NO_PROXY: '*' } };
    const url = `${plain.url}/a`;
    expect(await text({ ...options, proxy: new URL(proxy.url) }, url)).toContain('/a');
    expect(proxy.seen).toEqual([`GET ${url}`]);
  });

  test.each<[string, (socket: Duplex) => void]>([
    ['hangs up', (socket) => socket.destroy()],
    ['says no', (socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')],
  ])('that %s is named in the error, at once', async (_what, answer) => {
    const refusing = await serve(
      () => undefined,
      (_request, socket) => answer(socket),
    );
    const env = { https_proxy: `http://user:hunter2@127.0.0.1:${refusing.port}` };
    const refused = await text({ env }, 'https://service.test/').catch(errorMessage);
    await refusing.close();
    expect(refused).toMatch(/^fetch failed: The proxy 127\.0\.0\.1:\d+ did not open a tunnel/);
    expect(refused).not.toContain('hunter2');
  });

  test('that is cancelled while it opens a tunnel tells of the cancellation alone', async () => {
    const controller = new AbortController();
    const silent = await serve(
      () => undefined,
      () => controller.abort(new Error('cancelled')),
    );
    const { fetch } = client({ env: { https_proxy: silent.url } });
    const { signal } = controller;
    await expect(fetch('https://service.test/', { signal })).rejects.toThrow(/^cancelled$/);
    await silent.close();
  });
});

describe('a request', () => {
  test.each([false, true])(
    'carries each value of a header in one of its own (through a proxy: %s)',
    async (proxied) => {
      let seen: string[] = [];
      const server = await serve((request, response) => {
        seen = request.rawHeaders;
        response.end();
      });
      const headers = { 'x-group': ['dev', 'ops'] };
      const through = proxied ? { proxy: new URL(proxy.url) } : {};
      const fetch = client({ env: {}, headers, ...through }).fetch;
      await (await fetch(server.url, { headers: { 'x-own': 'a' } })).text();
      await server.close();
      const own = seen.filter((_, at) => seen[at - 1]?.startsWith('x-'));
      expect(own.sort()).toEqual(['a', 'dev', 'ops']);
    },
  );

  test('has a time limit that covers its body', async () => {
    const clock = steppedClock();
    const fetch = timeLimitedFetch(client({ env: {} }).fetch, { clock, timeoutMs: 200 });
    const response = await fetch(`${plain.url}/slow`);
    const body = response.text();
    await Promise.all([
      expect(body).rejects.toMatchObject({ name: 'TimeoutError' }),
      clock.advance(200),
    ]);
  });

  test('with a time limit still ends with the job', async () => {
    const controller = new AbortController();
    const fetch = timeLimitedFetch(client({ env: {} }).fetch, {
      clock: steppedClock(),
      timeoutMs: 60_000,
    });
    const response = await fetch(`${plain.url}/slow`, { signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await expect(response.text()).rejects.toThrow(/cancelled|aborted/);
  });

  test('ends when the client is closed', async () => {
    const { fetch, close } = client({ env: {} });
    const response = await fetch(`${plain.url}/slow`);
    const body = response.text();
    await close();
    await expect(body).rejects.toThrow();
  });

  test('to a port where nobody listens tells why it failed', async () => {
    const { port, close } = await closedPort();
    const url = `http://127.0.0.1:${port}`;
    const told = await text({ env: {} }, url).catch(errorMessage).finally(close);
    expect(told).toContain('ECONNREFUSED');
  });
});
