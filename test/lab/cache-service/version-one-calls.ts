import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobSigner } from './blob-requests.ts';
import type { BlobStore } from './blob-store.ts';
import type { CacheEntries, CacheEntry } from './cache-entries.ts';
import type { Operation } from './faults.ts';
import type { TokenClaims, TokenMint } from './runtime-token.ts';

const base = '/_apis/artifactcache/';

/**
 * Version 1 of the service, as GitHub Enterprise Server, act, Gitea and Forgejo have it: look-up, reservation, parts
 * of the archive by PATCH, and a commit.
 */
export interface VersionOneCalls {
  operation(request: IncomingMessage, url: URL): Operation | undefined;
  answer(
    operation: Operation,
    given: {
      request: IncomingMessage;
      response: ServerResponse;
      url: URL;
      body: AsyncIterable<Buffer>;
    },
  ): Promise<void>;
}

async function readJson(body: AsyncIterable<Buffer>): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
}

const partName = (start: number): string => String(start).padStart(15, '0');

/** The calls on the given stores. */
export function createVersionOneCalls(parts: {
  entries: CacheEntries;
  store: BlobStore;
  signer: BlobSigner;
  mint: TokenMint;
}): VersionOneCalls {
  const { entries, store, signer, mint } = parts;
  const reserved = new Map<number, { entry: CacheEntry; parts: Set<string> }>();

  const find = (url: URL, claims: TokenClaims): [number, object?] => {
    const keys = (url.searchParams.get('keys') ?? '').split(',');
    const entry = entries.find(keys, url.searchParams.get('version') ?? '', claims.scopes);
    if (entry === undefined) return [204];
    const { key: cacheKey, scope } = entry;
    return [200, { archiveLocation: signer.sign(entry.id, 'r'), cacheKey, scope }];
  };

  const reserve = (body: Record<string, unknown>, claims: TokenClaims): [number, object] => {
    const scope = claims.scopes.find(({ permission }) => permission !== 'read')?.scope;
    if (scope === undefined)
      return [403, { message: 'cache write denied: the token of this run is read-only' }];
    const entry = entries.reserve(String(body['key']), String(body['version']), scope);
    if (entry === undefined) return [409, { message: 'Cache already exists.' }];
    reserved.set(entry.id, { entry, parts: new Set() });
    return [201, { cacheId: entry.id }];
  };

  const commit = async (id: number, size: number): Promise<[number, object?]> => {
    const held = reserved.get(id);
    if (held === undefined) return [404, { message: 'no such reservation' }];
    await store.commit(id, [...held.parts].sort());
    if ((await store.size(id)) !== size)
      return [400, { message: 'the archive is not of this size' }];
    const { key, version, scope } = held.entry;
    entries.finalize(key, version, scope, size);
    return [204];
  };

  return {
    operation: (request, url) => {
      if (!url.pathname.startsWith(base)) return undefined;
      const resource = url.pathname.slice(base.length);
      if (request.method === 'GET' && resource === 'cache') return 'v1-find';
      if (request.method === 'POST' && resource === 'caches') return 'v1-reserve';
      if (!/^caches\/\d+$/.test(resource)) return undefined;
      if (request.method === 'PATCH') return 'v1-upload';
      return request.method === 'POST' ? 'v1-commit' : undefined;
    },
    answer: async (operation, { request, response, url, body }) => {
      const reply = (status: number, content?: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(content === undefined ? undefined : JSON.stringify(content));
      };
      const claims = mint.read((request.headers.authorization ?? '').replace(/^Bearer /, ''));
      if (claims === undefined) return reply(401, { message: 'the token is not of this service' });
      if (operation === 'v1-find') return reply(...find(url, claims));
      if (operation === 'v1-reserve') return reply(...reserve(await readJson(body), claims));
      const id = Number(/\d+$/.exec(url.pathname)?.[0]);
      if (operation === 'v1-commit')
        return reply(...(await commit(id, Number((await readJson(body))['size']))));
      const start = /^bytes (\d+)-\d+\/\*$/.exec(request.headers['content-range'] ?? '')?.[1];
      const held = reserved.get(id);
      if (start === undefined || held === undefined) return reply(400, { message: 'bad part' });
      const name = partName(Number(start));
      await store.putBlock(id, name, body);
      held.parts.add(name);
      return reply(204);
    },
  };
}
