import {
  createKubeClient,
  type KubeClient,
  type KubeClientOptions,
  type KubeObject,
} from '@slipway/kube';
import type { Clock, Fetch } from '@slipway/runtime';
import { fakeLog } from '../port/index.ts';
import { readRequest, type ApiRequest, type Verb } from './api-request.ts';
import {
  answerWith,
  connectionError,
  createFaults,
  isTarget,
  type Fault,
  type FaultTarget,
} from './faults.ts';
import { apiVersionOf, builtInKinds, type Kind } from './kinds.ts';
import { discover, readList, readOne } from './reading.ts';
import { refusalResponse, refusals, RefusedError } from './status.ts';
import type { StoreChange, StoredObject } from './store.ts';
import { openWatch } from './watching.ts';
import { createWorld, isAllowed, keyOf, nowText, type ServerWorld } from './world.ts';
import { change, create, remove } from './writing.ts';

/**
 * An API server in memory, with the real client in front of it. It answers as Kubernetes does as far as
 * test/lab/cluster/fake-api-server.test.ts holds it against a real one: versions and conflicts, pages of
 * lists, watches with bookmarks and expiry, merge patches. It has no controllers, no admission, no
 * defaults and no ownership of fields; tests play those with `put`, `remove` and `onChange`.
 */
export interface FakeApiServer {
  /** A client of this server with the server's clock. */
  client(options?: Partial<KubeClientOptions>): KubeClient;
  fetch: Fetch;
  /** Every request that arrived, in order. */
  requests: readonly ApiRequest[];
  count(target: FaultTarget): number;
  /** Sets a fault for the next `times` such requests, 1 by default. */
  fault(target: FaultTarget, fault: Fault, times?: number): void;
  /** From now on the user may not do this: `forbid('patch', 'leases')`. */
  forbid(verb: Verb, resource: string): void;
  /** Writes an object as a controller would: whole, with its status, past all rules. */
  put<T extends KubeObject>(object: T): T;
  /** Takes an object away as it is, finalizers or not. */
  remove(object: KubeObject): void;
  /** The object at a path; undefined when there is none. */
  object(path: string): (StoredObject & Readonly<Record<string, unknown>>) | undefined;
  /** All objects of a kind in a namespace, by their names. */
  objects(kind: string, namespace: string): readonly StoredObject[];
  /** Calls `listen` with each change, at once; call what it returns to end that. */
  onChange(listen: (change: StoreChange) => void): () => void;
  setLog(of: { namespace: string; pod: string; container: string }, text: string): void;
  /** Forgets the changes so far: watches from a version before now have expired, and so have lists that were begun. */
  forgetHistory(): void;
  /** Tells every watch the version of now. */
  bookmark(): void;
  /** Ends every watch as after its time, or breaks its connection. */
  endWatches(how: 'end' | 'break'): void;
  /** How many watches are open. */
  openWatches(): number;
}

function handle(
  world: ServerWorld,
  request: ApiRequest,
  signal: AbortSignal | undefined,
): Response {
  try {
    const { verb, kind } = request;
    if (verb === 'discover') return discover(world, request);
    if (verb === 'create') {
      if (kind !== undefined && !isAllowed(world, verb, kind.resource))
        throw new RefusedError(refusals.forbidden(request, world.user));
      return create(world, request);
    }
    if (kind === undefined) throw new RefusedError(refusals.unknownPath());
    if (!isAllowed(world, verb, kind.resource))
      throw new RefusedError(refusals.forbidden(request, world.user));
    switch (verb) {
      case 'get':
        return readOne(world, request);
      case 'list':
        return readList(world, request);
      case 'watch':
        return openWatch(world, request, signal);
      case 'delete':
        return remove(world, request);
      default:
        return change(world, request);
    }
  } catch (error) {
    if (error instanceof RefusedError) return refusalResponse(error.refusal);
    throw error;
  }
}

/** Controllers write through these; they are asked no questions. */
function control(world: ServerWorld): Pick<FakeApiServer, 'put' | 'remove'> {
  const place = (object: KubeObject): { kind: Kind; key: string } => {
    const kind = world.kinds.find(
      (known) => known.kind === object.kind && apiVersionOf(known) === object.apiVersion,
    );
    if (kind === undefined)
      throw new Error(`The server knows no ${object.kind ?? '?'} of ${object.apiVersion ?? '?'}.`);
    const { namespace = '', name = '' } = object.metadata ?? {};
    return { kind, key: keyOf(kind, namespace, name) };
  };
  return {
    put: (object) => {
      const { kind, key } = place(object);
      const live = world.store.get(key);
      const metadata = {
        creationTimestamp: nowText(world),
        ...(kind.generation ? { generation: 1 } : {}),
        ...object.metadata,
        name: object.metadata?.name ?? '',
        uid: object.metadata?.uid ?? live?.metadata.uid ?? world.nextUid(),
      };
      return world.store.write(key, { ...object, metadata }) as unknown as typeof object;
    },
    remove: (object) => world.store.remove(place(object).key),
  };
}

const target = {
  source: 'a test',
  context: 'test',
  server: 'https://api.test',
  tls: {},
  proxyUrl: undefined,
  auth: { kind: 'none' },
  impersonate: [],
} as const;

/** Starts a server with these namespaces (and `default`), further kinds, and nothing else. */
export function fakeApiServer(options: {
  clock: Clock;
  namespaces?: readonly string[];
  kinds?: readonly Kind[];
}): FakeApiServer {
  const { clock, namespaces = [], kinds = [] } = options;
  const world = createWorld(clock, [...builtInKinds, ...kinds]);
  const faults = createFaults();
  const requests: ApiRequest[] = [];
  const controls = control(world);
  for (const name of ['default', ...namespaces])
    controls.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const fetch: Fetch = async (url, init) => {
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const request = readRequest(new URL(url), init, world.kinds);
    requests.push(request);
    return await answerWith(faults.take(request), request, {
      clock,
      user: world.user,
      signal,
      handle: () => handle(world, request, signal),
    });
  };
  return {
    ...controls,
    fetch,
    requests,
    client: (more) =>
      createKubeClient(
        { ...target, namespace: namespaces[0] ?? 'default' },
        { env: {}, log: fakeLog(), clock, fetch, ...more },
      ),
    count: (wanted) => requests.filter((request) => isTarget(wanted, request)).length,
    fault: (wanted, fault, times) => faults.add(wanted, fault, times),
    forbid: (verb, resource) => {
      world.forbidden.add(`${verb} ${resource}`);
    },
    object: (path) => {
      const { kind, namespace, name } = readRequest(new URL(path, target.server), {}, world.kinds);
      const found = kind === undefined ? undefined : world.store.get(keyOf(kind, namespace, name));
      return found === undefined ? undefined : { ...found };
    },
    objects: (name, namespace) => {
      const kind = world.kinds.find((known) => known.kind === name);
      return kind === undefined ? [] : world.store.list(keyOf(kind, namespace, ''));
    },
    onChange: (listen) => world.store.subscribe(listen),
    setLog: ({ namespace, pod, container }, text) => {
      world.logs.set(`${namespace}/${pod}/${container}`, text);
    },
    forgetHistory: () => {
      world.store.forget();
      world.pages.clear();
    },
    bookmark: () => world.watches.forEach((watch) => watch.bookmark()),
    endWatches: (how) => {
      for (const watch of [...world.watches])
        if (how === 'end') watch.end();
        else watch.break(connectionError('ECONNRESET'));
    },
    openWatches: () => world.watches.size,
  };
}
