import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';

/** A server on loopback that lives as long as one test. */
export interface LocalServer {
  port: number;
  url: string;
  close(): Promise<void>;
}

async function listen(server: http.Server | https.Server, scheme: string): Promise<LocalServer> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function serve(
  handler: http.RequestListener,
  onConnect?: (request: http.IncomingMessage, socket: Duplex) => void,
): Promise<LocalServer> {
  const server = http.createServer(handler);
  if (onConnect !== undefined) server.on('connect', onConnect);
  return listen(server, 'http');
}

export function serveTls(
  handler: http.RequestListener,
  tls: { cert: string; key: string },
): Promise<LocalServer> {
  return listen(https.createServer(tls, handler), 'https');
}

/** A certificate authority and a certificate of it for service.test and 127.0.0.1, made by openssl. */
export function makeCertificates(): { ca: string; cert: string; key: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-tls-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA');
    openssl('req', ...ec, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=service.test');
    writeFileSync(path.join(folder, 'names'), 'subjectAltName=DNS:service.test,IP:127.0.0.1\n');
    openssl(
      ...['x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-extfile', 'names', '-out', 'cert.pem'],
    );
    const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A proxy that takes every name for 127.0.0.1, and what it was asked for. */
export async function startProxy(): Promise<LocalServer & { seen: string[] }> {
  const seen: string[] = [];
  const note = (request: http.IncomingMessage): void => {
    const password = request.headers['proxy-authorization'];
    seen.push(
      `${request.method ?? ''} ${request.url ?? ''}${password === undefined ? '' : ` ${password}`}`,
    );
  };
  const proxy = http.createServer((request, response) => {
    note(request);
    const target = new URL(request.url ?? '');
    const headers = request.rawHeaders.filter((_, at, all) => {
      const name = at % 2 === 0 ? all[at] : all[at - 1];
      return name?.toLowerCase() !== 'proxy-authorization';
    });
    const onward = http.request(
      {
        host: '127.0.0.1',
        port: target.port,
        path: target.pathname + target.search,
        method: request.method,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  proxy.on('connect', (request, client, head) => {
    note(request);
    const port = Number(request.url?.split(':')[1]);
    const server = net.connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
    client.on('close', () => server.destroy());
  });
  return Object.assign(await listen(proxy, 'http'), { seen });
}
