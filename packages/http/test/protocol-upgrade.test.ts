import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { closedPort, listenOnAnyPort } from '@slipway/testing';
import { createHttpClient, type HttpClient } from '../src/index.ts';
import { makeCertificates, startProxy } from './servers.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server that speaks another protocol after an upgrade: it sends back what it is sent, in capitals. */
async function serveLoud(tls?: { cert: string; key: string }): Promise<number> {
  const server = tls === undefined ? http.createServer() : https.createServer(tls);
  const sockets = new Set<Duplex>();
  server.on('request', (_, response) => response.writeHead(403).end('no right'));
  server.on('upgrade', (request, socket) => {
    sockets.add(socket);
    if (request.url === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\n\r\nno right');
      return;
    }
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: loud\r\nConnection: Upgrade\r\nX-Told: ',
    );
    socket.write(`${[request.headers['x-asked']].join('')}\r\n\r\n`);
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
  });
  const port = await listenOnAnyPort(server);
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return port;
}

function clientWith(options: Partial<Parameters<typeof createHttpClient>[0]> = {}): HttpClient {
  const client = createHttpClient({ env: {}, ...options });
  open.push(() => client.close());
  return client;
}

async function shout(client: HttpClient, url: string): Promise<string> {
  const answer = await client.upgrade(url, { protocol: 'loud', headers: { 'x-asked': 'this' } });
  if (answer.kind !== 'upgraded') throw new Error(`${answer.status}`);
  const heard = new Promise<string>((resolve) =>
    answer.socket.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  answer.socket.write('hello');
  const text = `${answer.headers['x-told'] ?? ''} ${await heard}`;
  answer.socket.destroy();
  return text;
}

describe('an upgrade', () => {
  test('goes on with the other protocol on the same connection', async () => {
    expect(await shout(clientWith(), `http://127.0.0.1:${await serveLoud()}/`)).toBe('this HELLO');
  });

  test('goes through TLS of one’s own and through a proxy', async () => {
    const { ca, cert, key } = makeCertificates();
    const proxy = await startProxy();
    open.push(() => proxy.close());
    const client = clientWith({ tls: { ca }, proxy: new URL(proxy.url) });
    const port = await serveLoud({ cert, key });
    expect(await shout(client, `https://service.test:${port}/`)).toBe('this HELLO');
    expect(proxy.seen).toEqual([`CONNECT service.test:${port}`]);
  });

  test('that the server refuses is an answer with its status', async () => {
    const url = `http://127.0.0.1:${await serveLoud()}/refused`;
    const answer = await clientWith().upgrade(url, { protocol: 'loud', headers: {} });
    expect(answer).toEqual({ kind: 'answered', status: 403, body: 'no right' });
  });

  test('rejects as fetch does when nobody listens, and with the reason of its signal', async () => {
    const client = clientWith();
    const { port, close } = await closedPort();
    open.push(close);
    const url = `http://127.0.0.1:${port}/`;
    await expect(client.upgrade(url, { protocol: 'loud', headers: {} })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    const reason = new Error('cancelled');
    const signal = AbortSignal.abort(reason);
    await expect(client.upgrade(url, { protocol: 'loud', headers: {}, signal })).rejects.toBe(
      reason,
    );
  });
});
