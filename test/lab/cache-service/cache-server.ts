import { EventEmitter } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  blobError,
  blobOperation,
  createBlobSigner,
  readBlob,
  throttled,
  writeBlob,
} from './blob-requests.ts';
import { createBlobStore } from './blob-store.ts';
import { createCacheEntries } from './cache-entries.ts';
import type { CacheServerStats } from './cache-stats.ts';
import { createFaultQueue, type Fault, type Operation } from './faults.ts';
import { createTokenMint, type CacheScope } from './runtime-token.ts';
import { createLink } from './throttle.ts';
import { createTwirpCalls } from './twirp-calls.ts';
import { createVersionOneCalls } from './version-one-calls.ts';

/** How the service behaves. Without options it is fast, large and never fails. */
export interface CacheServerOptions {
  /** Of all downloads together, and of all uploads together. */
  downloadBytesPerSecond?: number;
  uploadBytesPerSecond?: number;
  /** Before each request is looked at. */
  latencyMs?: number;
  /** New entries allowed per minute; GitHub's is 200. */
  entriesPerMinute?: number;
  /** The least recently used entries are evicted above it; GitHub's is 10 GB. */
  quotaBytes?: number;
  /** Where blobs lie; a folder under the system's temp folder by default, removed by close. */
  folder?: string;
  /** 0 (the default) takes a free one. */
  port?: number;
  /**
   * Host name in blob addresses, which must lead to loopback. The toolkit downloads in parallel only
   * from names under `.blob.core.windows.net`.
   */
  blobHost?: string;
}

/** A running service. */
export interface CacheServer {
  /** For ACTIONS_RESULTS_URL; ends in a slash. */
  url: string;
  /**
   * A token for ACTIONS_RUNTIME_TOKEN. Of plain refs the first may be read and written, the others
   * (base branch, default branch) only read; order is the order of look-up.
   */
  runtimeToken(...scopes: readonly (string | CacheScope)[]): string;
  /** The environment that a step needs to find the service, by a version of its protocol (2 by default). */
  environment(token: string, version?: 1 | 2): Record<string, string>;
  stats(): CacheServerStats;
  failNext(fault: Fault): void;
  /** Removes an entry, as the quota does. */
  evict(key: string): void;
  /** Calls `heard` once, at the next request for this operation. */
  whenAsked(operation: Operation, heard: () => void): void;
  close(): Promise<void>;
}

/** The permission of a plain ref is its place: the first may be written, the others only read. */
function scopeOf(scope: string | CacheScope, index: number): CacheScope {
  if (typeof scope !== 'string') return scope;
  return { scope, permission: index === 0 ? 'read-write' : 'read' };
}

/** A request that was told to fail gets its status, and a body of no use. */
function failAsTold(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  request.resume();
  const retryAfter = fault.retryAfterSeconds;
  response.writeHead(fault.status ?? 500, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify({ code: 'unavailable', msg: 'told to fail' }));
}

/** The addresses that the service tells; they are known once it listens. */
interface Origins {
  service: string;
  blobs: string;
}

/** All that answers requests, without a socket. */
function createCacheRequests(options: CacheServerOptions, folder: string, origins: Origins) {
  const store = createBlobStore(folder);
  const entries = createCacheEntries(options.quotaBytes ?? 10e9, ({ id }) => void store.remove(id));
  const faults = createFaultQueue();
  const asked = new EventEmitter();
  const mint = createTokenMint();
  const requests: Partial<Record<Operation, number>> = {};
  const count = { bytesReceived: 0, bytesSent: 0 };
  const down = createLink(options.downloadBytesPerSecond);
  const up = createLink(options.uploadBytesPerSecond);
  const signer = createBlobSigner(() => origins.blobs);
  const twirp = createTwirpCalls({
    ...{ entries, store, signer, mint },
    entriesPerMinute: options.entriesPerMinute ?? 200,
  });
  const versionOne = createVersionOneCalls({ entries, store, signer, mint });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origins.service);
    const ofOne = versionOne.operation(request, url);
    const operation = twirp.operation(url) ?? ofOne ?? blobOperation(request, url);
    if (operation === undefined) return void response.writeHead(404).end();
    requests[operation] = (requests[operation] ?? 0) + 1;
    asked.emit(operation);
    const fault = faults.take(operation);
    if (fault?.silent === true) return void request.resume();
    const waitMs = (options.latencyMs ?? 0) + (fault?.stallMs ?? 0);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (fault?.status !== undefined) return failAsTold(request, response, fault);
    if (twirp.operation(url) !== undefined) {
      if (fault?.dropAfterBytes !== undefined) return void request.socket.destroy();
      return twirp.answer(operation, request, response);
    }
    if (ofOne !== undefined) {
      const body = throttled({ request, up, fault, count });
      return versionOne.answer(ofOne, { request, response, url, body });
    }
    const signed = signer.check(url);
    const writes = operation !== 'blob-get' && operation !== 'blob-head';
    if (signed === undefined || (signed.permission === 'w') !== writes)
      return blobError(response, 403, 'AuthenticationFailed');
    const given = { request, response, url, id: signed.id, store, down, up, fault, count };
    await (writes ? writeBlob(operation, given) : readBlob(given));
    return undefined;
  };

  const stats = (): CacheServerStats => {
    const list = entries.list();
    return {
      requests: { ...requests },
      ...count,
      entries: list.map(({ key, version, scope, size }) => ({ key, version, scope, size })),
      storedBytes: list.reduce((sum, { size }) => sum + size, 0),
      evicted: entries.evicted,
      ...twirp.refused,
    };
  };
  return { answer, stats, faults, mint, asked, evict: (key: string) => entries.remove(key) };
}

/**
 * Starts a GitHub cache service on loopback, with both versions of its protocol. Version 2 is Twirp calls over JSON
 * and a blob store that speaks Azure's Put Blob, Put Block, Put Block List, ranged GET and HEAD; version 1 is plain HTTP.
 */
export async function startCacheService(options: CacheServerOptions = {}): Promise<CacheServer> {
  const folder = options.folder ?? (await fs.mkdtemp(path.join(tmpdir(), 'slipway-cache-')));
  const origins: Origins = { service: '', blobs: '' };
  const { answer, stats, faults, mint, asked, evict } = createCacheRequests(
    options,
    folder,
    origins,
  );
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  origins.service = `http://127.0.0.1:${port}`;
  origins.blobs = `http://${options.blobHost ?? '127.0.0.1'}:${port}`;

  return {
    url: `${origins.service}/`,
    runtimeToken: (...scopes) => mint.issue(scopes.map(scopeOf)),
    environment: (token, version = 2) => ({
      ...(version === 2
        ? { ACTIONS_CACHE_SERVICE_V2: 'true', ACTIONS_RESULTS_URL: `${origins.service}/` }
        : { ACTIONS_CACHE_URL: `${origins.service}/` }),
      ACTIONS_RUNTIME_TOKEN: token,
    }),
    stats,
    failNext: (fault) => faults.add(fault),
    evict,
    whenAsked: (operation, heard) => void asked.once(operation, heard),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (options.folder === undefined) await fs.rm(folder, { recursive: true, force: true });
    },
  };
}
