import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fakeLog } from '@slipway/testing';
import {
  createKubeClient,
  type KubeClient,
  type KubeClientOptions,
  type KubeObject,
} from '../src/index.ts';
import type { KubeTarget } from '../src/index.ts';

/** One request that the server got. */
export interface Received {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A loopback server in an API server's place, and a client of it. */
export interface ApiServer {
  url: string;
  port: number;
  received: Received[];
  client: KubeClient;
  clientFor(target: Partial<KubeTarget>, options?: Partial<KubeClientOptions>): KubeClient;
  close(): Promise<void>;
}

/** Starts a server on loopback whose every answer `answer` gives. */
export async function startApiServer(
  answer: (request: Received, response: http.ServerResponse) => void,
): Promise<ApiServer> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const got = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(got);
      answer(got, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const clients: KubeClient[] = [];
  const clientFor: ApiServer['clientFor'] = (target, options) => {
    const client = createKubeClient(
      {
        source: 'test',
        context: 'test',
        server: url,
        namespace: 'default',
        tls: {},
        proxyUrl: undefined,
        auth: { kind: 'none' },
        impersonate: [],
        ...target,
      },
      { env: {}, log: fakeLog(), ...options },
    );
    clients.push(client);
    return client;
  };
  return {
    url,
    port,
    received,
    client: clientFor({}),
    clientFor,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function json(response: http.ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** The body of an API server's refusal. */
export function refusal(code: number, reason: string, message: string): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
    reason,
    message,
  };
}

/** The pods of a namespace, and one of them. */
export const pods = '/api/v1/namespaces/shop/pods';
export const named = (name: string, resourceVersion = '1'): KubeObject => ({
  metadata: { name, uid: name, resourceVersion },
});
