import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { createPrometheusClient, type PrometheusAuth } from '../src/index.ts';

interface Received {
  method: string;
  url: string;
  body: string;
  authorization: string | undefined;
}

const open: http.Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that answers as it is told, and what it was asked; closed after the test. */
export async function start(answer: (got: Received, response: http.ServerResponse) => void) {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const got = { method, url, body, authorization: headers.authorization };
      received.push(got);
      answer(got, response);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
}

export const clientOf = (
  url: string,
  auth: PrometheusAuth = { kind: 'none' },
  clock = fakeClock(),
) => createPrometheusClient({ url, auth, fetch: (to, init) => fetch(to, init), clock });

export const answering = (value: unknown, status = 200) =>
  start((_, response) => response.writeHead(status).end(JSON.stringify(value)));

export const vector = (...values: string[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: values.map((value) => ({ metric: { pod: 'a' }, value: [1_700_000_000.5, value] })),
  },
});

export const at = { timeMs: 1_700_000_000_123 };
