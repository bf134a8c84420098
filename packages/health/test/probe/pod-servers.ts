import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A server in a pod's place. */
export interface PodServer {
  port: number;
  /** What was asked, as `GET /readyz shop.example`. */
  asked: string[];
  close(): Promise<void>;
}

async function listening(server: net.Server, asked: string[]): Promise<PodServer> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const noting =
  (asked: string[], answer: Answer): Answer =>
  (request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.host ?? ''}`);
    answer(request, response);
  };

/** An HTTP server. */
export async function serveHttp(answer: Answer): Promise<PodServer> {
  const asked: string[] = [];
  return await listening(http.createServer(noting(asked, answer)), asked);
}

/** An HTTPS server whose certificate nobody signed. */
export async function serveSelfSigned(answer: Answer): Promise<PodServer> {
  const asked: string[] = [];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-pod-'));
  try {
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync(
      'openssl',
      ['req', '-x509', ...ec, '-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=nobody'],
      { cwd: folder, stdio: 'pipe' },
    );
    const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
    const tls = { key: read('key.pem'), cert: read('cert.pem') };
    return await listening(https.createServer(tls, noting(asked, answer)), asked);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A gRPC server with the service grpc.health.v1.Health: states by service, undefined for one that it does not know. */
export async function serveGrpcHealth(
  stateOf: (service: string) => number | undefined,
): Promise<PodServer> {
  const asked: string[] = [];
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const message = Buffer.concat(chunks).subarray(5);
      const service = message.length === 0 ? '' : message.subarray(2).toString();
      asked.push(`${headers[':path'] ?? ''} ${service}`);
      const state = stateOf(service);
      const grpc = { ':status': 200, 'content-type': 'application/grpc' };
      if (state === undefined) {
        stream.respond(
          { ...grpc, 'grpc-status': '5', 'grpc-message': 'unknown%20service' },
          { endStream: true },
        );
        return;
      }
      stream.respond(grpc, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const body = state === 0 ? [] : [0x08, state];
      stream.end(Buffer.from([0, 0, 0, 0, body.length, ...body]));
    });
  });
  return await listening(server, asked);
}

/** A server of TCP that takes connections and does `on` with each. */
export async function serveTcp(on: (socket: net.Socket) => void): Promise<PodServer> {
  return await listening(net.createServer(on), []);
}
