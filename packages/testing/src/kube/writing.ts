import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@slipway/kube';
import { readYaml } from '@slipway/yaml';
import type { ApiRequest } from './api-request.ts';
import { apiVersionOf, type Kind } from './kinds.ts';
import { applyMerge, isJson, mergePatch, type Json } from './merge.ts';
import { jsonResponse, RefusedError, refusals } from './status.ts';
import type { StoredObject } from './store.ts';
import { isAllowed, keyOf, nowText, requireKind, type ServerWorld } from './world.ts';

type Draft = KubeObject & { metadata: { name: string; uid: string } } & Json;

function bodyOf(request: ApiRequest): Json {
  const parsed: unknown =
    request.verb === 'apply'
      ? readYaml(request.body, { name: 'the body of the request', rules: 'helm' })
      : JSON.parse(request.body || '{}');
  if (isJson(parsed)) return parsed;
  throw new RefusedError(refusals.badRequest('the body of the request is no object'));
}

const isDryRun = (request: ApiRequest): boolean => request.query.get('dryRun') === 'All';
const metadataOf = (object: Json): Json => (isJson(object['metadata']) ? object['metadata'] : {});

/** What the client may not write: `status` with the object, anything else with the status. */
function ownPart(request: ApiRequest, kind: Kind, live: Json | undefined, wanted: Json): Json {
  if (request.subresource === 'status') {
    const metadata = {
      ...metadataOf(live ?? {}),
      resourceVersion: metadataOf(wanted)['resourceVersion'],
    };
    return { ...live, metadata, status: wanted['status'] };
  }
  if (!kind.status) return wanted;
  const rest = Object.fromEntries(Object.entries(wanted).filter(([name]) => name !== 'status'));
  return live?.['status'] === undefined ? rest : { ...rest, status: live['status'] };
}

function checkNamespace(world: ServerWorld, request: ApiRequest, body: Json): void {
  const { namespace } = request;
  const own = metadataOf(body)['namespace'];
  if (own !== undefined && own !== namespace)
    throw new RefusedError(
      refusals.badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      ),
    );
  const isThere = world.store.get(`namespaces//${namespace}`) !== undefined;
  if (requireKind(request).namespaced && !isThere)
    throw new RefusedError(refusals.noNamespace(namespace));
}

function createObject(world: ServerWorld, request: ApiRequest, body: Json): Response {
  const kind = requireKind(request);
  checkNamespace(world, request, body);
  const own = metadataOf(body)['name'];
  const name = typeof own === 'string' ? own : request.name;
  const key = keyOf(kind, request.namespace, name);
  if (world.store.get(key) !== undefined)
    throw new RefusedError(refusals.alreadyExists(request, name));
  const draft: Draft = {
    ...ownPart(request, kind, undefined, body),
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: {
      ...metadataOf(body),
      name,
      ...(kind.namespaced ? { namespace: request.namespace } : {}),
      uid: world.nextUid(),
      creationTimestamp: nowText(world),
      ...(kind.generation ? { generation: 1 } : {}),
    },
  };
  return jsonResponse(isDryRun(request) ? draft : world.store.write(key, draft), 201);
}

/** Whether a write is meant for another state of the object than there is. */
function isStale(live: StoredObject, wanted: Json): boolean {
  const { resourceVersion, uid } = metadataOf(wanted);
  return (
    (typeof resourceVersion === 'string' &&
      resourceVersion !== '' &&
      resourceVersion !== live.metadata.resourceVersion) ||
    (typeof uid === 'string' && uid !== live.metadata.uid)
  );
}

function changeObject(
  world: ServerWorld,
  request: ApiRequest,
  live: StoredObject,
  wanted: Json,
): Response {
  const kind = requireKind(request);
  if (isStale(live, wanted)) throw new RefusedError(refusals.conflict(request));
  const own = ownPart(request, kind, live as unknown as Json, wanted);
  const { generation } = live.metadata;
  const specChanged = !isDeepStrictEqual(own['spec'], (live as unknown as Json)['spec']);
  const draft = {
    ...own,
    metadata: {
      ...metadataOf(own),
      resourceVersion: live.metadata.resourceVersion,
      ...(generation === undefined ? {} : { generation: generation + (specChanged ? 1 : 0) }),
    },
  } as Draft;
  if (isDryRun(request) || isDeepStrictEqual(draft, live)) return jsonResponse(draft);
  const key = keyOf(kind, request.namespace, request.name);
  const written = world.store.write(key, draft);
  const { deletionTimestamp, finalizers = [] } = written.metadata;
  if (deletionTimestamp !== undefined && finalizers.length === 0) world.store.remove(key);
  return jsonResponse(written);
}

/** Answers SelfSubjectAccessReview by what was forbidden. */
function reviewAccess(world: ServerWorld, request: ApiRequest): Response {
  const body = JSON.parse(request.body) as {
    spec?: { resourceAttributes?: { verb?: string; resource?: string; subresource?: string } };
  };
  const { verb = '', resource = '', subresource } = body.spec?.resourceAttributes ?? {};
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const allowed = isAllowed(world, verb as 'get', whole);
  return jsonResponse({ ...body, status: { allowed } }, 201);
}

/** POST: a new object. */
export function create(world: ServerWorld, request: ApiRequest): Response {
  if (request.path.endsWith('/selfsubjectaccessreviews')) return reviewAccess(world, request);
  if (request.kind === undefined) throw new RefusedError(refusals.unknownPath());
  return createObject(world, request, bodyOf(request));
}

/** PUT, and both kinds of PATCH. */
export function change(world: ServerWorld, request: ApiRequest): Response {
  const kind = requireKind(request);
  const body = bodyOf(request);
  const live = world.store.get(keyOf(kind, request.namespace, request.name));
  if (request.verb === 'apply' && (request.query.get('fieldManager') ?? '') === '')
    throw new RefusedError(
      refusals.invalid(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ),
    );
  if (live === undefined) {
    if (request.verb === 'apply') return createObject(world, request, body);
    throw new RefusedError(refusals.notFound(request));
  }
  switch (request.verb) {
    case 'update':
      return changeObject(world, request, live, {
        ...body,
        metadata: { ...live.metadata, ...metadataOf(body) },
      });
    case 'apply':
      return changeObject(world, request, live, applyMerge(live, body) as Json);
    default:
      return changeObject(world, request, live, mergePatch(live, body) as Json);
  }
}

/** DELETE: at once, or as far as finalizers and the kubelet of a pod's node allow. */
export function remove(world: ServerWorld, request: ApiRequest): Response {
  const kind = requireKind(request);
  const key = keyOf(kind, request.namespace, request.name);
  const live = world.store.get(key);
  if (live === undefined) throw new RefusedError(refusals.notFound(request));
  const { preconditions } = bodyOf(request);
  if (isJson(preconditions) && isStale(live, { metadata: preconditions }))
    throw new RefusedError(refusals.conflict(request));
  const { finalizers = [], deletionTimestamp, uid, name } = live.metadata;
  const spec = (live as { spec?: { nodeName?: string } }).spec;
  const lingers =
    finalizers.length > 0 || (kind.resource === 'pods' && spec?.nodeName !== undefined);
  if (!lingers) {
    world.store.remove(key);
    const details = { name, group: kind.group, kind: kind.resource, uid };
    return jsonResponse({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details,
    });
  }
  if (deletionTimestamp !== undefined) return jsonResponse(live);
  const metadata = { ...live.metadata, deletionTimestamp: nowText(world) };
  return jsonResponse(world.store.write(key, { ...live, metadata }));
}
