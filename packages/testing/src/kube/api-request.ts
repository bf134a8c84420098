import { apiVersionOf, type Kind } from './kinds.ts';

/** What a request does, in the API's words; `apply` is the patch of that name. */
export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'discover';

/** One request as the server understood it. */
export interface ApiRequest {
  verb: Verb;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  body: string;
  /** Undefined when the path names nothing that the server knows. */
  kind: Kind | undefined;
  /** Empty for what is of no namespace, and for lists of all of them. */
  namespace: string;
  /** Empty for lists. */
  name: string;
  /** `status`, `log`; empty for the object itself. */
  subresource: string;
}

interface Place {
  kind: Kind | undefined;
  namespace: string;
  name: string;
  subresource: string;
}

function placeOf(path: string, kinds: readonly Kind[]): Place {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const rest = parts[0] === 'api' ? parts.slice(2) : parts.slice(3);
  const apiVersion = (parts[0] === 'api' ? parts.slice(1, 2) : parts.slice(1, 3)).join('/');
  const known = kinds.filter((kind) => apiVersionOf(kind) === apiVersion);
  const find = (resource: string | undefined): Kind | undefined =>
    known.find((kind) => kind.resource === resource);
  if (rest[0] === 'namespaces' && rest.length > 2) {
    const [, namespace = '', resource, name = '', ...more] = rest;
    return { kind: find(resource), namespace, name, subresource: more.join('/') };
  }
  const [resource, name = '', ...more] = rest;
  return { kind: find(resource), namespace: '', name, subresource: more.join('/') };
}

function verbOf(method: string, place: Place, query: URLSearchParams, type: string): Verb {
  if (method === 'GET') {
    if (place.kind === undefined) return 'discover';
    if (query.get('watch') === 'true') return 'watch';
    return place.name === '' ? 'list' : 'get';
  }
  if (method === 'PATCH') return type.startsWith('application/apply-patch') ? 'apply' : 'patch';
  if (method === 'PUT') return 'update';
  return method === 'DELETE' ? 'delete' : 'create';
}

/** Reads a request that was made with fetch. */
export function readRequest(
  url: URL,
  init: RequestInit | undefined,
  kinds: readonly Kind[],
): ApiRequest {
  const place = placeOf(url.pathname, kinds);
  const type = new Headers(init?.headers).get('content-type') ?? '';
  return {
    verb: verbOf(init?.method ?? 'GET', place, url.searchParams, type),
    path: url.pathname,
    query: url.searchParams,
    body: typeof init?.body === 'string' ? init.body : '',
    ...place,
  };
}
