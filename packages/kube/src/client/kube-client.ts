import { readLimited } from '@slipway/http';
import type { Exec } from '@slipway/exec';
import { systemExec } from '@slipway/exec';
import type { Clock, Fetch, Log, MaskSecret } from '@slipway/runtime';
import { systemClock } from '@slipway/runtime';
import {
  readList,
  refusalOf,
  sendCall,
  withQuery,
  type Body,
  type Call,
  type Query,
  type ResourceList,
} from './calls.ts';
import { openConnection } from './connection.ts';
import type { KubeObject } from './objects.ts';
import type { Env, KubeTarget } from '../config/index.ts';
import { podProxy, type PodProxyRequest, type PodProxyResponse } from './pod-proxy.ts';
import { portForward, type PortForward, type PortForwardRequest } from './forward/port-forward.ts';
import { openRelay, type Relay, type RelayRule } from './relay.ts';
import { sendWithRetries, type Send } from './request.ts';
import { serviceFetch, type ServicePort } from './service-proxy.ts';
import { readWatch, type WatchEvent } from './watch.ts';

/**
 * One Kubernetes API server. Paths are those of the API (`/api/v1/namespaces/x/pods`). Every method
 * throws KubeError when the server refuses or cannot be reached, and the signal's reason on abort.
 */
export interface KubeClient {
  readonly server: string;
  /** The namespace of the kubeconfig's context. */
  readonly namespace: string;
  /** JSON, or what of it `accept` names. */
  get<T>(path: string, query?: Query, accept?: string): Promise<T>;
  /** All items, or what of them `accept` names, page by page; a `limit` is the size of a page, never of the answer. */
  list<T>(path: string, query?: Query, accept?: string): Promise<T[]>;
  /** All items, and the resourceVersion from which to watch. */
  listAt<T>(path: string, query?: Query): Promise<ResourceList<T>>;
  /** The events of one connection; ends when the server ends it, throws a KubeError on ERROR events. */
  watch<T>(path: string, query: Query, signal?: AbortSignal): AsyncIterable<WatchEvent<T>>;
  create<T>(
    path: string,
    object: KubeObject & Readonly<Record<string, unknown>>,
    query?: Query,
  ): Promise<T>;
  /** A merge patch. */
  patch<T>(path: string, patch: object, query?: Query): Promise<T>;
  /** A server-side apply of an object as YAML or JSON text. */
  apply<T>(path: string, object: string, query: Query): Promise<T>;
  /** With a state, only while the object is still in it: else a KubeError of reason Conflict. */
  delete(path: string, query?: Query, state?: ObjectState): Promise<void>;
  /** An answer that is not JSON, such as a log; at most `maxBytes` (1 MiB) of it. */
  text(path: string, query?: Query, maxBytes?: number): Promise<string>;
  /** Asks one pod through the API server. Answers of any status are values, not errors. */
  podProxy(request: PodProxyRequest): Promise<PodProxyResponse>;
  /** Connects to a port of a pod. A refusal is a value, not an error. */
  portForward(request: PortForwardRequest): Promise<PortForward>;
  /** A fetch whose requests reach a Service of the cluster through the API server. */
  serviceFetch(to: ServicePort): Fetch;
  /** Lets a child process at the API server, as who this client is; `rule` is asked of each request. */
  relay(rule: RelayRule): Promise<Relay>;
  close(): Promise<void>;
}

/** One state of one object. */
export interface ObjectState {
  uid: string;
  resourceVersion: string;
}

/** What a client may use and how patient it is. */
export interface KubeClientOptions {
  env: Env;
  log: Log;
  signal?: AbortSignal | undefined;
  /** Runs credential plugins; this machine's by default. */
  exec?: Exec;
  clock?: Clock;
  /** In place of one with the target's certificates, proxy and impersonation. */
  fetch?: Fetch;
  maskSecret?: MaskSecret;
  /** Limit of one request, 15 s by default. */
  timeoutMs?: number;
  /** How often a refused connection, 429 or 503 is tried again; 3 by default. */
  retries?: number;
}

/** A client of the API server `target`. Close it, or its connections keep the process alive. */
export function createKubeClient(target: KubeTarget, options: KubeClientOptions): KubeClient {
  const { signal, clock = systemClock } = options;
  const connection = openConnection(target, {
    env: options.env,
    exec: options.exec ?? systemExec({ log: options.log, env: options.env }),
    clock,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.maskSecret === undefined ? {} : { maskSecret: options.maskSecret }),
    signal,
  });
  const send: Send = (request) =>
    sendWithRetries(
      { connection, clock, log: options.log, retries: options.retries ?? 3, signal },
      { timeoutMs: options.timeoutMs ?? 15_000, ...request },
    );

  const { server } = target;
  const call = (request: Call): Promise<unknown> => sendCall(send, server, request);
  const listAt = <T>(path: string, query?: Query, accept?: string): Promise<ResourceList<T>> =>
    readList<T>((page) => call({ method: 'GET', path, query: page, accept }), query);
  const change = (method: 'POST' | 'PATCH', path: string, body: Body, query?: Query) =>
    call({ method, path, query, body });

  return {
    server,
    namespace: target.namespace,
    get: async <T>(path: string, query?: Query, accept?: string) =>
      (await call({ method: 'GET', path, query, accept })) as T,
    list: async <T>(path: string, query?: Query, accept?: string) =>
      (await listAt<T>(path, query, accept)).items,
    listAt: <T>(path: string, query?: Query) => listAt<T>(path, query),
    watch: <T>(path: string, query: Query, watchSignal?: AbortSignal) =>
      readWatch<T>(send, {
        path,
        whole: withQuery(path, { allowWatchBookmarks: true, ...query, watch: true }),
        signal: watchSignal,
        failure: (response) => refusalOf(response, { method: 'WATCH', path, server }),
      }),
    create: async <T>(path: string, object: object, query?: Query) => {
      const body: Body = { text: JSON.stringify(object), type: 'application/json' };
      return (await change('POST', path, body, query)) as T;
    },
    patch: async <T>(path: string, patch: object, query?: Query) => {
      const body: Body = { text: JSON.stringify(patch), type: 'application/merge-patch+json' };
      return (await change('PATCH', path, body, query)) as T;
    },
    apply: async <T>(path: string, object: string, query: Query) => {
      const body: Body = { text: object, type: 'application/apply-patch+yaml' };
      return (await change('PATCH', path, body, query)) as T;
    },
    delete: async (path, query, state) => {
      const options = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: state };
      const body: Body = { text: JSON.stringify(options), type: 'application/json' };
      await call({ method: 'DELETE', path, query, ...(state === undefined ? {} : { body }) });
    },
    text: async (path, query, maxBytes = 1_048_576) =>
      await send({
        method: 'GET',
        path: withQuery(path, query),
        accept: '*/*',
        read: async (response) => {
          if (!response.ok) throw await refusalOf(response, { method: 'GET', path, server });
          return (await readLimited(response, maxBytes)).text;
        },
      }),
    podProxy: (request) => podProxy(send, clock, request),
    portForward: (request) => portForward({ connection, clock, signal }, request),
    serviceFetch: (to) => serviceFetch(send, server, to),
    relay: (rule) => openRelay({ connection, log: options.log, namespace: target.namespace }, rule),
    close: () => connection.close(),
  };
}
