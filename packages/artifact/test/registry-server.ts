import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a test registry saw. */
export interface SeenRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  /** Of the body. */
  bytes: number;
  range: string | undefined;
}

/** An in-memory registry on loopback, with the faults that a test asks for. */
export interface TestRegistry {
  host: string;
  seen: SeenRequest[];
  blobs: Map<string, Buffer>;
  manifests: Map<string, Buffer>;
  /** What was begun and not given up. */
  uploads: Map<string, Buffer[]>;
  close(): Promise<void>;
}

/** Answers a request itself and returns true, or leaves it to the registry. */
export type Interference = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => boolean;

function read(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

/** Starts the registry. `interfere` sees every request first; `begun` are headers of uploads that begin. */
export async function startRegistry(
  interfere: Interference = () => false,
  begun: Readonly<Record<string, string>> = {},
): Promise<TestRegistry> {
  const seen: SeenRequest[] = [];
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Buffer>();
  const uploads = new Map<string, Buffer[]>();
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://registry');
      seen.push({
        method: request.method ?? '',
        path: url.pathname + url.search,
        authorization: request.headers.authorization,
        bytes: body.length,
        range: request.headers['content-range'],
      });
      if (interfere(request, response, body)) return;
      const answer = (status: number, headers: Record<string, string> = {}, text = ''): void => {
        response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : text);
      };
      const blob = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(url.pathname)?.[1];
      const upload = /\/blobs\/uploads\/(\w+)$/.exec(url.pathname)?.[1];
      const manifest = /\/manifests\/([^/]+)$/.exec(url.pathname)?.[1];
      const stored = blob === undefined ? undefined : blobs.get(blob);
      if (blob !== undefined)
        response.writeHead(stored ? 200 : 404).end(request.method === 'HEAD' ? undefined : stored);
      else if (request.method === 'POST') {
        const id = String(uploads.size + 1);
        uploads.set(id, []);
        answer(202, { location: `${url.pathname}${id}?state=a%2Fb`, ...begun });
      } else if (upload !== undefined && request.method === 'DELETE') {
        answer(uploads.delete(upload) ? 204 : 404);
      } else if (upload !== undefined) {
        const parts = uploads.get(upload) ?? [];
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        const range = request.headers['content-range'];
        if (range !== undefined && range !== `${length}-${length + body.length - 1}`) {
          answer(416);
          return;
        }
        uploads.set(upload, [...parts, body]);
        if (request.method === 'PATCH') {
          answer(202, { location: `${url.pathname}?state=a%2Fb` });
          return;
        }
        const bytes = Buffer.concat([...parts, body]);
        const digest = url.searchParams.get('digest');
        if (digest !== `sha256:${createHash('sha256').update(bytes).digest('hex')}`)
          answer(400, {}, JSON.stringify({ errors: [{ code: 'DIGEST_INVALID', message: 'no' }] }));
        else {
          blobs.set(digest, bytes);
          answer(201, { 'docker-content-digest': digest });
        }
      } else if (manifest !== undefined && request.method === 'PUT') {
        const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
        manifests.set(manifest, body);
        manifests.set(digest, body);
        answer(201, { 'docker-content-digest': digest });
      } else if (manifest !== undefined) {
        const bytes = manifests.get(manifest);
        answer(bytes === undefined ? 404 : 200, {}, bytes?.toString());
      } else answer(404);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    blobs,
    manifests,
    uploads,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
