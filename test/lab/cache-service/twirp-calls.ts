import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobSigner } from './blob-requests.ts';
import type { BlobStore } from './blob-store.ts';
import type { CacheEntries } from './cache-entries.ts';
import type { Operation } from './faults.ts';
import type { TokenClaims, TokenMint } from './runtime-token.ts';

const prefix = '/twirp/github.actions.results.api.v1.CacheService/';
const operations: readonly Operation[] = [
  'CreateCacheEntry',
  'FinalizeCacheEntryUpload',
  'GetCacheEntryDownloadURL',
];

/** The fields of all three requests; a client may write names in either style of protobuf's JSON. */
interface TwirpRequest {
  key?: string;
  version?: string;
  restoreKeys?: string[];
  restore_keys?: string[];
  sizeBytes?: string;
  size_bytes?: string;
}

class TwirpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The three calls of `github.actions.results.api.v1.CacheService` over JSON. */
export interface TwirpCalls {
  operation(url: URL): Operation | undefined;
  answer(operation: Operation, request: IncomingMessage, response: ServerResponse): Promise<void>;
  refused: { rateLimited: number; writesDenied: number };
}

/** The calls on the given stores. */
export function createTwirpCalls(parts: {
  entries: CacheEntries;
  store: BlobStore;
  signer: BlobSigner;
  mint: TokenMint;
  entriesPerMinute: number;
}): TwirpCalls {
  const { entries, store, signer, mint } = parts;
  const refused = { rateLimited: 0, writesDenied: 0 };
  const createdMs: number[] = [];

  const create = (body: TwirpRequest, claims: TokenClaims): object => {
    const scope = claims.scopes.find(({ permission }) => permission !== 'read')?.scope;
    if (scope === undefined) {
      refused.writesDenied += 1;
      return { ok: false, message: 'cache write denied: the token of this run is read-only' };
    }
    const nowMs = performance.now();
    while (createdMs[0] !== undefined && nowMs - createdMs[0] > 60_000) createdMs.shift();
    if (createdMs.length >= parts.entriesPerMinute) {
      refused.rateLimited += 1;
      const seconds = Math.ceil((60_000 - (nowMs - (createdMs[0] ?? nowMs))) / 1000);
      const retryAfter = { 'retry-after': String(seconds) };
      throw new TwirpError(429, 'resource_exhausted', 'too many new entries', retryAfter);
    }
    const entry = entries.reserve(body.key ?? '', body.version ?? '', scope);
    if (entry === undefined)
      throw new TwirpError(409, 'already_exists', 'an entry with this key and version exists');
    createdMs.push(nowMs);
    return { ok: true, signed_upload_url: signer.sign(entry.id, 'w') };
  };

  const finalize = async (body: TwirpRequest, claims: TokenClaims): Promise<object> => {
    const scope = claims.scopes.find(({ permission }) => permission !== 'read')?.scope ?? '';
    const size = Number(body.sizeBytes ?? body.size_bytes);
    const entry = entries.finalize(body.key ?? '', body.version ?? '', scope, size);
    if (entry === undefined) throw new TwirpError(404, 'not_found', 'no such reservation');
    if ((await store.size(entry.id)) !== size)
      throw new TwirpError(400, 'failed_precondition', 'the blob is not of this size');
    return { ok: true, entry_id: String(entry.id) };
  };

  const find = (body: TwirpRequest, claims: TokenClaims): object => {
    if (!claims.scopes.some(({ permission }) => permission !== 'write'))
      throw new TwirpError(403, 'permission_denied', 'cache read denied: no readable scope');
    const keys = [body.key ?? '', ...(body.restoreKeys ?? body.restore_keys ?? [])];
    if (keys.length > 10) throw new TwirpError(400, 'invalid_argument', 'at most 10 keys');
    const entry = entries.find(keys, body.version ?? '', claims.scopes);
    return entry === undefined
      ? { ok: false, signed_download_url: '', matched_key: '' }
      : {
          ok: true,
          signed_download_url: signer.sign(entry.id, 'r'),
          matched_key: entry.key,
        };
  };

  return {
    refused,
    operation: (url) => operations.find((operation) => url.pathname === `${prefix}${operation}`),
    answer: async (operation, request, response) => {
      const reply = (status: number, body: object, headers: Record<string, string> = {}): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      };
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        const claims = mint.read((request.headers.authorization ?? '').replace(/^Bearer /, ''));
        if (claims === undefined)
          throw new TwirpError(401, 'unauthenticated', 'the token is not of this service');
        const body = JSON.parse(Buffer.concat(chunks).toString()) as TwirpRequest;
        if (!/^[0-9a-f]{64}$/.test(body.version ?? '') || (body.key ?? '').length > 512)
          throw new TwirpError(400, 'invalid_argument', 'bad key or version');
        if (operation === 'CreateCacheEntry') reply(200, create(body, claims));
        else if (operation === 'GetCacheEntryDownloadURL') reply(200, find(body, claims));
        else reply(200, await finalize(body, claims));
      } catch (error) {
        if (!(error instanceof TwirpError)) throw error;
        reply(error.status, { code: error.code, msg: error.message }, error.headers);
      }
    },
  };
}
