import type { ApiRequest } from './api-request.ts';
import { apiVersionOf, type Kind } from './kinds.ts';
import { selectorOf } from './selector.ts';
import { jsonResponse, RefusedError, refusals } from './status.ts';
import { keyOf, requireKind, type ServerWorld } from './world.ts';

/** The groups that the server has, each in one version. */
function groupsOf({ kinds }: ServerWorld): object {
  const named = kinds.filter(({ group }) => group !== '');
  const groups = new Map(named.map((kind) => [kind.group, kind]));
  const list = [...groups].map(([name, kind]) => {
    const version = { groupVersion: apiVersionOf(kind), version: kind.version };
    return { name, versions: [version], preferredVersion: version };
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: list };
}

/** The resources of one group and version, as discovery lists them. */
export function discover(world: ServerWorld, request: ApiRequest): Response {
  if (request.path === '/apis') return jsonResponse(groupsOf(world));
  const groupVersion = request.path.replace(/^\/apis?\//, '');
  const kinds = world.kinds.filter((kind) => apiVersionOf(kind) === groupVersion);
  if (kinds.length === 0) throw new RefusedError(refusals.unknownPath());
  const resources = kinds.flatMap(({ kind, resource, namespaced, status }) => [
    { name: resource, kind, namespaced },
    ...(status ? [{ name: `${resource}/status`, kind, namespaced }] : []),
  ]);
  return jsonResponse({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources });
}

function readLog(world: ServerWorld, request: ApiRequest): Response {
  const container = request.query.get('container') ?? '';
  const text = world.logs.get(`${request.namespace}/${request.name}/${container}`);
  if (text === undefined || request.query.get('previous') === 'true')
    throw new RefusedError(
      refusals.badRequest(
        `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(request.name)} not found`,
      ),
    );
  return new Response(text, { status: 200, headers: { 'content-type': 'text/plain' } });
}

/** One object, or the log of a pod. */
export function readOne(world: ServerWorld, request: ApiRequest): Response {
  const kind = requireKind(request);
  const object = world.store.get(keyOf(kind, request.namespace, request.name));
  if (object === undefined) throw new RefusedError(refusals.notFound(request));
  if (request.subresource === 'log') return readLog(world, request);
  if (request.subresource !== '' && request.subresource !== 'status')
    throw new RefusedError(refusals.unknownPath());
  return jsonResponse(object);
}

/** Lists name their kind once, for all items. */
function bare(object: object): object {
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => name !== 'kind' && name !== 'apiVersion'),
  );
}

function rest(world: ServerWorld, request: ApiRequest, kind: Kind) {
  const token = request.query.get('continue') ?? '';
  if (token !== '') {
    const page = world.pages.get(token);
    if (page === undefined) throw new RefusedError(refusals.expiredList());
    return page;
  }
  const selects = selectorOf(request.query);
  const all = world.store.list(keyOf(kind, request.namespace, ''));
  return { rest: all.filter(selects).map(bare), version: world.store.version() };
}

/** A list, or a page of it; later pages show what was there when the first one was read. */
export function readList(world: ServerWorld, request: ApiRequest): Response {
  const kind = requireKind(request);
  const { rest: items, version } = rest(world, request, kind);
  const limit = Number(request.query.get('limit') ?? 0);
  const page = limit > 0 ? items.slice(0, limit) : items;
  const left = items.slice(page.length);
  const token = left.length === 0 ? '' : `page-${version}-${world.pages.size + 1}`;
  if (token !== '') world.pages.set(token, { rest: left, version });
  const selected = request.query.has('labelSelector') || request.query.has('fieldSelector');
  return jsonResponse({
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: {
      resourceVersion: String(version),
      ...(token === '' ? {} : { continue: token }),
      ...(token === '' || selected ? {} : { remainingItemCount: left.length }),
    },
    items: page,
  });
}
