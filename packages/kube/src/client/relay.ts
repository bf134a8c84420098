import { randomBytes, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorMessage, type Log } from '@slipway/runtime';
import type { Connection } from './connection.ts';

/** One request of a child process on its way to the API server. */
export interface RelayedRequest {
  method: string;
  /** Of the API, without the query. */
  path: string;
  contentType: string;
  body: Buffer;
}

/** What a rule answers in the API server's place; `body` is sent as JSON. */
export interface RelayAnswer {
  status: number;
  body: object;
}

/** What becomes of each request, asked before it is sent. */
export type RelayRule = (request: RelayedRequest) => Promise<'pass' | RelayAnswer>;

/** A way to the API server for a child process, which this process can hold up. */
export interface Relay {
  /**
   * A kubeconfig (JSON) that leads through here. It names the server as ever, so that the child finds its
   * caches and its errors read as ever, and this process as the proxy to it. Who knows it is let in.
   */
  kubeconfig: string;
  /** The secret in it. */
  token: string;
  close(): Promise<void>;
}

const user = 'slipway';
/** What the child says of itself and of what it sends and wants; the rest is this connection's own. */
const handedOn = ['accept', 'content-type', 'user-agent', 'if-none-match'] as const;
/** Belong to one of the two connections, or to a body as it was sent: what came packed was unpacked here. */
const dropped = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
]);

function isLetIn(given: string | undefined, token: string): boolean {
  const wanted = Buffer.from(`Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`);
  const said = Buffer.from(given ?? '');
  return said.length === wanted.length && timingSafeEqual(said, wanted);
}

function answer(response: http.ServerResponse, { status, body }: RelayAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Asks the server with the credentials of the connection, once more when it did not know them. */
async function ask(
  connection: Connection,
  asked: http.IncomingMessage,
  { url, body, signal }: { url: string; body: Buffer; signal: AbortSignal },
): Promise<Response> {
  const given = handedOn.flatMap((name): [string, string][] => {
    const value = asked.headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  const send = async (): Promise<Response> => {
    const { fetch, headers } = await connection.ready();
    return await fetch(url, {
      method: asked.method ?? 'GET',
      // As it is: the child unpacks nothing that this process unpacked before.
      headers: [...given, ['accept-encoding', 'identity'], ...headers] as [string, string][],
      redirect: 'manual',
      signal,
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
  };
  const first = await send();
  if (first.status !== 401 || !connection.renew()) return first;
  await first.body?.cancel();
  return await send();
}

async function passOn(
  connection: Connection,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { url, body }: { url: string; body: Buffer },
): Promise<void> {
  // Whoever goes away in the middle of a watch ends it at the server as well.
  const left = new AbortController();
  response.on('close', () => left.abort());
  const got = await ask(connection, request, { url, body, signal: left.signal });
  response.writeHead(
    got.status,
    Object.fromEntries([...got.headers].filter(([name]) => !dropped.has(name))),
  );
  // A watch has an answer before its first event.
  response.flushHeaders();
  if (got.body === null) response.end();
  else await pipeline(Readable.fromWeb(got.body), response);
}

/**
 * Listens on loopback as an HTTP proxy to the server of `connection` alone, for whom knows its password, and
 * asks `rule` before anything is sent. Where the server cannot be reached the child's connection breaks, as
 * its own would have.
 */
export async function openRelay(
  ports: { connection: Connection; log: Log; namespace: string },
  rule: RelayRule,
): Promise<Relay> {
  const { connection, log, namespace } = ports;
  const target = new URL(connection.server);
  const below = target.pathname.replace(/\/$/, '');
  const token = randomBytes(24).toString('base64url');
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { method = 'GET', headers } = request;
    const asked = URL.parse(request.url ?? '');
    const isOurs = asked?.host === target.host && asked.pathname.startsWith(`${below}/`);
    if (!isLetIn(headers['proxy-authorization'], token) || !isOurs) {
      response.writeHead(isOurs ? 407 : 403).end();
      return;
    }
    const body = await bodyOf(request);
    const path = asked.pathname.slice(below.length);
    const contentType = headers['content-type'] ?? '';
    const ruled = await rule({ method, path, contentType, body });
    if (response.destroyed) return;
    if (ruled !== 'pass') answer(response, ruled);
    else {
      const url = `${connection.server}${path}${asked.search}`;
      await passOn(connection, request, response, { url, body });
    }
  };
  const server = http.createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log.debug(`${request.method ?? ''} was not handed on: ${errorMessage(error)}`);
      response.destroy();
    });
  });
  // An idle connection that ends just as the child uses it would look like a fault of the server.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const cluster = {
    server: `http://${target.host}${below}`,
    'proxy-url': `http://${user}:${token}@127.0.0.1:${port}`,
  };
  return {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'relay',
      clusters: [{ name: 'relay', cluster }],
      users: [{ name: 'relay', user: {} }],
      contexts: [{ name: 'relay', context: { cluster: 'relay', user: 'relay', namespace } }],
    }),
    token,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
