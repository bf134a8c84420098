import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobStore } from './blob-store.ts';
import type { Fault, Operation } from './faults.ts';
import type { Link } from './throttle.ts';

/** Signs blob addresses for one operation, as a shared access signature does. */
export interface BlobSigner {
  sign(id: number, permission: 'r' | 'w'): string;
  check(url: URL): { id: number; permission: 'r' | 'w' } | undefined;
}

/** A signer for addresses under `base()` (which is known once the server listens). */
export function createBlobSigner(base: () => string): BlobSigner {
  const key = randomBytes(32);
  const signature = (id: number, permission: string): string =>
    createHmac('sha256', key).update(`${id}:${permission}`).digest('hex');
  return {
    sign: (id, permission) =>
      `${base()}/slipwaycache/entries/${id}?sp=${permission}&sig=${signature(id, permission)}`,
    check: (url) => {
      const id = Number(/\/entries\/(\d+)$/.exec(url.pathname)?.[1]);
      const permission = url.searchParams.get('sp') === 'w' ? 'w' : 'r';
      const given = Buffer.from(url.searchParams.get('sig') ?? '');
      const right = Buffer.from(signature(id, permission));
      return given.length === right.length && timingSafeEqual(given, right)
        ? { id, permission }
        : undefined;
    },
  };
}

/** Which operation a request on a blob is; undefined for what Azure does not know. */
export function blobOperation(request: IncomingMessage, url: URL): Operation | undefined {
  const comp = url.searchParams.get('comp');
  if (request.method === 'HEAD') return 'blob-head';
  if (request.method === 'GET') return 'blob-get';
  if (request.method !== 'PUT') return undefined;
  if (comp === 'block') return 'block-put';
  return comp === 'blocklist' ? 'block-list' : 'blob-put';
}

/** The error of Azure's wire format: an XML body and a code in a header. */
export function blobError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code });
  response.end(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  );
}

/** What one blob request needs. */
export interface BlobRequest {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  id: number;
  store: BlobStore;
  down: Link;
  up: Link;
  fault: Fault | undefined;
  count: { bytesReceived: number; bytesSent: number };
}

function range(
  header: string | undefined,
  size: number,
): { start: number; end: number; partial: boolean } | undefined {
  if (header === undefined) return { start: 0, end: size - 1, partial: false };
  // Azure has no suffix ranges (bytes=-N).
  const match = /^bytes=(\d+)-(\d*)$/.exec(header);
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end ? undefined : { start, end, partial: true };
}

/** GET and HEAD of a blob, whole or one range. */
export async function readBlob({ request, response, id, store, down, fault, count }: BlobRequest) {
  const size = await store.size(id);
  if (size === undefined) return blobError(response, 404, 'BlobNotFound');
  const asked = request.headers['x-ms-range'] ?? request.headers.range;
  const wanted = range(typeof asked === 'string' ? asked : undefined, size);
  if (wanted === undefined) return blobError(response, 416, 'InvalidRange');
  const length = Math.max(0, wanted.end - wanted.start + 1);
  response.writeHead(wanted.partial ? 206 : 200, {
    'content-length': length,
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${id}"`,
    'last-modified': new Date(0).toUTCString(),
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-version': '2024-11-04',
    ...(wanted.partial ? { 'content-range': `bytes ${wanted.start}-${wanted.end}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || length === 0) return response.end();
  let sent = 0;
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const stream = createReadStream(store.file(id), { start: wanted.start, end: wanted.end });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let chunk = piece;
    if (fault?.dropAfterBytes !== undefined && sent + chunk.length > fault.dropAfterBytes) {
      response.write(chunk.subarray(0, fault.dropAfterBytes - sent));
      return setTimeout(() => request.socket.destroy(), 20);
    }
    const at = (fault?.corruptAtByte ?? -1) - sent;
    if (at >= 0 && at < chunk.length) {
      chunk = Buffer.from(chunk);
      chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at);
    }
    await down.pass(chunk.length);
    if (response.destroyed) return undefined;
    sent += chunk.length;
    count.bytesSent += chunk.length;
    if (!response.write(chunk)) await once(response, 'drain', { signal: closed.signal });
  }
  return response.end();
}

/** The body of a request, as fast as the link lets it in. */
export async function* throttled({
  request,
  up,
  fault,
  count,
}: Pick<BlobRequest, 'request' | 'up' | 'fault' | 'count'>): AsyncGenerator<Buffer> {
  let received = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    received += chunk.length;
    count.bytesReceived += chunk.length;
    if (fault?.dropAfterBytes !== undefined && received > fault.dropAfterBytes) {
      request.socket.destroy();
      throw new Error('dropped on purpose');
    }
    await up.pass(chunk.length);
    yield chunk;
  }
}

/** Put Blob, Put Block and Put Block List, with the headers that Azure insists on. */
export async function writeBlob(operation: Operation, given: BlobRequest): Promise<void> {
  const { request, response, url, id, store } = given;
  if (request.headers['content-length'] === undefined)
    return blobError(response, 411, 'MissingContentLengthHeader');
  if (operation === 'blob-put') {
    if (request.headers['x-ms-blob-type'] !== 'BlockBlob')
      return blobError(response, 400, 'MissingRequiredHeader');
    await store.put(id, throttled(given));
  } else if (operation === 'block-put') {
    const blockId = url.searchParams.get('blockid') ?? '';
    if (blockId === '' || Buffer.from(blockId, 'base64').toString('base64') !== blockId)
      return blobError(response, 400, 'InvalidQueryParameterValue');
    await store.putBlock(id, blockId, throttled(given));
  } else {
    const body: Buffer[] = [];
    for await (const chunk of throttled(given)) body.push(chunk);
    const ids = [
      ...Buffer.concat(body)
        .toString()
        .matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g),
    ].map((match) => match[1] ?? '');
    try {
      await store.commit(id, ids);
    } catch {
      return blobError(response, 400, 'InvalidBlockList');
    }
  }
  response.writeHead(201, {
    etag: `"${id}"`,
    'last-modified': new Date(0).toUTCString(),
    'x-ms-version': '2024-11-04',
    'content-length': 0,
  });
  response.end();
  return undefined;
}
