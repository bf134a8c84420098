import type { Exec } from '@slipway/exec';
import { systemExec } from '@slipway/exec';
import type { Clock, Log, MaskSecret } from '@slipway/runtime';
import { systemClock } from '@slipway/runtime';
import { openConnection } from './connection.ts';
import { kubeErrorOf, type KubeError } from './kube-error.ts';
import type { KubeObject } from './objects.ts';
import type { Env, KubeTarget } from '../config/index.ts';
import { podProxy, type PodProxyRequest, type PodProxyResponse } from './pod-proxy.ts';
import { readLimited } from './response-body.ts';
import { sendWithRetries, type Send } from './request.ts';
import { readWatch, type WatchEvent } from './watch.ts';

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** All objects of a list, and the version from which a watch goes on. */
export interface ResourceList<T> {
  items: T[];
  resourceVersion: string;
}

/**
 * One Kubernetes API server. Paths are those of the API (`/api/v1/namespaces/x/pods`). Every method
 * throws KubeError when the server refuses or cannot be reached, and the signal's reason on abort.
 */
export interface KubeClient {
  readonly server: string;
  /** The namespace of the kubeconfig's context. */
  readonly namespace: string;
  get<T>(path: string, query?: Query): Promise<T>;
  /** All items, page by page. */
  list<T>(path: string, query?: Query): Promise<T[]>;
  /** All items, and the resourceVersion from which to watch. */
  listAt<T>(path: string, query?: Query): Promise<ResourceList<T>>;
  /** The events of one connection; ends when the server ends it, throws a KubeError on ERROR events. */
  watch<T>(path: string, query: Query, signal?: AbortSignal): AsyncIterable<WatchEvent<T>>;
  create<T>(path: string, object: KubeObject & Readonly<Record<string, unknown>>): Promise<T>;
  /** A merge patch. */
  patch<T>(path: string, patch: object): Promise<T>;
  /** A server-side apply of an object as YAML or JSON text. */
  apply<T>(path: string, object: string, query: Query): Promise<T>;
  delete(path: string, query?: Query): Promise<void>;
  /** An answer that is not JSON, such as a log; at most `maxBytes` (1 MiB) of it. */
  text(path: string, query?: Query, maxBytes?: number): Promise<string>;
  /** Asks one pod through the API server. Answers of any status are values, not errors. */
  podProxy(request: PodProxyRequest): Promise<PodProxyResponse>;
  close(): Promise<void>;
}

/** What a client may use and how patient it is. */
export interface KubeClientOptions {
  env: Env;
  log: Log;
  signal?: AbortSignal | undefined;
  /** Runs credential plugins; this machine's by default. */
  exec?: Exec;
  clock?: Clock;
  maskSecret?: MaskSecret;
  /** Limit of one request, 15 s by default. */
  timeoutMs?: number;
  /** How often a refused connection, 429 or 503 is tried again; 3 by default. */
  retries?: number;
}

const maxJsonBytes = 128 * 1024 * 1024;

function queryString(query: Query | undefined): string {
  const entries = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}

/** A client of the API server `target`. Close it, or its connections keep the process alive. */
export function createKubeClient(target: KubeTarget, options: KubeClientOptions): KubeClient {
  const { signal, clock = systemClock } = options;
  const connection = openConnection(target, {
    env: options.env,
    exec: options.exec ?? systemExec({ log: options.log, env: options.env }),
    clock,
    ...(options.maskSecret === undefined ? {} : { maskSecret: options.maskSecret }),
    signal,
  });
  const send: Send = (request) =>
    sendWithRetries(
      { connection, clock, log: options.log, retries: options.retries ?? 3, signal },
      { timeoutMs: options.timeoutMs ?? 15_000, ...request },
    );

  const failure = async (response: Response, method: string, path: string): Promise<KubeError> => {
    const { text } = await readLimited(response, 65_536);
    const retryAfter = response.headers.get('retry-after');
    return kubeErrorOf(
      { status: response.status, body: text, retryAfter },
      { method, path, server: target.server },
    );
  };
  const call = async (
    method: string,
    path: string,
    query?: Query,
    body?: { text: string; type: string },
  ): Promise<unknown> => {
    const whole = path + queryString(query);
    return await send({
      method,
      path: whole,
      ...(body === undefined ? {} : { body: body.text, contentType: body.type }),
      read: async (response) => {
        if (!response.ok) throw await failure(response, method, path);
        const { text, truncated } = await readLimited(response, maxJsonBytes);
        if (truncated) throw new Error(`The answer to ${method} ${path} is larger than 128 MiB.`);
        return text === '' ? undefined : (JSON.parse(text) as unknown);
      },
    });
  };
  const listAt = async <T>(path: string, query?: Query): Promise<ResourceList<T>> => {
    const items: T[] = [];
    let resourceVersion = '';
    let next: string | undefined;
    do {
      const page = (await call('GET', path, { limit: 500, ...query, continue: next })) as {
        items?: T[];
        metadata?: { continue?: string; resourceVersion?: string };
      };
      for (const item of page.items ?? []) items.push(item);
      resourceVersion = page.metadata?.resourceVersion ?? resourceVersion;
      next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
    } while (next !== undefined);
    return { items, resourceVersion };
  };

  return {
    server: target.server,
    namespace: target.namespace,
    get: async <T>(path: string, query?: Query) => (await call('GET', path, query)) as T,
    list: async <T>(path: string, query?: Query) => (await listAt<T>(path, query)).items,
    listAt,
    watch: <T>(path: string, query: Query, watchSignal?: AbortSignal) =>
      readWatch<T>(send, {
        path,
        whole: path + queryString({ allowWatchBookmarks: true, ...query, watch: true }),
        signal: watchSignal,
        failure: (response) => failure(response, 'WATCH', path),
      }),
    create: async <T>(path: string, object: object) =>
      (await call(
        'POST',
        path,
        {},
        { text: JSON.stringify(object), type: 'application/json' },
      )) as T,
    patch: async <T>(path: string, patch: object) =>
      (await call(
        'PATCH',
        path,
        {},
        { text: JSON.stringify(patch), type: 'application/merge-patch+json' },
      )) as T,
    apply: async <T>(path: string, object: string, query: Query) =>
      (await call('PATCH', path, query, {
        text: object,
        type: 'application/apply-patch+yaml',
      })) as T,
    delete: async (path, query) => {
      await call('DELETE', path, query);
    },
    text: async (path, query, maxBytes = 1_048_576) =>
      await send({
        method: 'GET',
        path: path + queryString(query),
        accept: '*/*',
        read: async (response) => {
          if (!response.ok) throw await failure(response, 'GET', path);
          return (await readLimited(response, maxBytes)).text;
        },
      }),
    podProxy: (request) => podProxy(send, clock, request),
    close: () => connection.close(),
  };
}
