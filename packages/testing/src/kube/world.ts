import type { Clock } from '@slipway/runtime';
import type { ApiRequest, Verb } from './api-request.ts';
import { resourceName, type Kind } from './kinds.ts';
import { createStore, type Store } from './store.ts';

/** A watch whose connection is open. */
export interface OpenWatch {
  request: ApiRequest;
  /** Tells the version of now, as the server does every minute or so. */
  bookmark(): void;
  /** Ends the answer as the server does after its time. */
  end(): void;
  /** Breaks the connection. */
  break(reason: Error): void;
}

/** Everything that the server holds. */
export interface ServerWorld {
  clock: Clock;
  kinds: readonly Kind[];
  store: Store;
  /** What was forbidden: `patch leases`. */
  forbidden: Set<string>;
  user: string;
  watches: Set<OpenWatch>;
  /** Rest of lists that were begun, by their `continue`. */
  pages: Map<string, { rest: readonly object[]; version: number }>;
  /** By namespace, pod and container, with slashes between. */
  logs: Map<string, string>;
  nextUid: () => string;
}

/** A server that holds nothing yet. */
export function createWorld(clock: Clock, kinds: readonly Kind[]): ServerWorld {
  let uids = 0;
  return {
    clock,
    kinds,
    store: createStore(),
    forbidden: new Set(),
    user: 'ci',
    watches: new Set(),
    pages: new Map(),
    logs: new Map(),
    nextUid: () => {
      uids += 1;
      return `00000000-0000-4000-8000-${String(uids).padStart(12, '0')}`;
    },
  };
}

/** Under which an object is stored; with an empty name, what the keys of a list begin with. */
export function keyOf(kind: Kind, namespace: string, name: string): string {
  const root = resourceName(kind);
  if (!kind.namespaced) return `${root}//${name}`;
  return namespace === '' ? `${root}/` : `${root}/${namespace}/${name}`;
}

/** Whether the user may do this. */
export function isAllowed(world: ServerWorld, verb: Verb, resource: string): boolean {
  return !world.forbidden.has(`${verb === 'apply' ? 'patch' : verb} ${resource}`);
}

/** The time as the API writes it. */
export function nowText(world: ServerWorld): string {
  return new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The kind of a request that must have one. */
export function requireKind(request: ApiRequest): Kind {
  if (request.kind === undefined) throw new Error(`${request.path} is of no known kind.`);
  return request.kind;
}
