import { readLimited } from '@slipway/http';
import { kubeErrorOf, type KubeError } from './kube-error.ts';
import type { Send } from './request.ts';

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A body, and how it is written. */
export interface Body {
  text: string;
  type: 'application/json' | 'application/merge-patch+json' | 'application/apply-patch+yaml';
}

/** One request of the API, as it is put together and answered. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Query | undefined;
  body?: Body;
  /** The form of the answer; JSON when absent. */
  accept?: string | undefined;
}

/** All objects of a list, and the version from which a watch goes on. */
export interface ResourceList<T> {
  items: T[];
  resourceVersion: string;
}

const maxJsonBytes = 128 * 1024 * 1024;
const pageSize = 500;

/** A path with its query. */
export function withQuery(path: string, query: Query | undefined): string {
  const entries = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries).toString()}`;
}

/** The refusal that a response is. */
export async function refusalOf(
  response: Response,
  request: { method: string; path: string; server: string },
): Promise<KubeError> {
  const { text } = await readLimited(response, 65_536);
  const retryAfter = response.headers.get('retry-after');
  return kubeErrorOf({ status: response.status, body: text, retryAfter }, request);
}

/** Sends a call and reads its answer as JSON; undefined when it is empty. */
export async function sendCall(send: Send, server: string, call: Call): Promise<unknown> {
  const { method, path, body, accept } = call;
  return await send({
    method,
    path: withQuery(path, call.query),
    ...(accept === undefined ? {} : { accept }),
    ...(body === undefined ? {} : { body: body.text, contentType: body.type }),
    read: async (response) => {
      if (!response.ok) throw await refusalOf(response, { method, path, server });
      const { text, truncated } = await readLimited(response, maxJsonBytes);
      if (truncated) throw new Error(`The answer to ${method} ${path} is larger than 128 MiB.`);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
  });
}

interface Page<T> {
  items?: T[];
  metadata?: { continue?: string; resourceVersion?: string };
}

/** Reads a whole list, page by page; `limit` in the query is the size of a page, 500 by default. */
export async function readList<T>(
  get: (query: Query) => Promise<unknown>,
  query: Query | undefined,
): Promise<ResourceList<T>> {
  const items: T[] = [];
  let resourceVersion = '';
  let next: string | undefined;
  do {
    const page = (await get({ limit: pageSize, ...query, continue: next })) as Page<T>;
    for (const item of page.items ?? []) items.push(item);
    resourceVersion = page.metadata?.resourceVersion ?? resourceVersion;
    next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
  } while (next !== undefined);
  return { items, resourceVersion };
}
