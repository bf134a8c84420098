import { readLimited } from '@slipway/http';
import type { Fetch } from '@slipway/runtime';
import { isKubeStatus, kubeErrorOf } from './kube-error.ts';
import type { Send } from './request.ts';

/** A port of a Service in the cluster. */
export interface ServicePort {
  namespace: string;
  service: string;
  /** Number or name. */
  port: string;
  scheme: 'http' | 'https';
}

const maxBytes = 32 * 1024 * 1024;

function isStatus(text: string): boolean {
  try {
    return isKubeStatus(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Headers that the API server passes on to the service; its own credentials take the place of others. */
function passedOn(headers: Headers): [string, string][] {
  const kept = [...headers].filter(([name]) => name !== 'authorization' && name !== 'accept');
  return kept.filter(([name]) => name !== 'content-type');
}

/**
 * A fetch whose requests reach a Service through the API server's proxy (needs `get` on
 * `services/proxy`), whatever the origin of their URL. What the API server answers in the service's
 * place comes back as it is, but for a 401: that throws KubeError once credentials cannot be renewed.
 */
export function serviceFetch(send: Send, server: string, to: ServicePort): Fetch {
  const { namespace, service, port, scheme } = to;
  const name = `${scheme === 'https' ? 'https:' : ''}${service}:${port}`;
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}/proxy`;
  return async (url, init = {}) => {
    const { pathname, search } = new URL(String(url));
    const path = base + pathname + search;
    const method = init.method ?? 'GET';
    const headers = new Headers(init.headers);
    const type = headers.get('content-type');
    return await send({
      method,
      path,
      headers: passedOn(headers),
      accept: headers.get('accept') ?? '*/*',
      ...(typeof init.body === 'string' ? { body: init.body } : {}),
      ...(type === null ? {} : { contentType: type }),
      signal: init.signal ?? undefined,
      read: async (response) => {
        const { status } = response;
        const { text } = await readLimited(response, maxBytes);
        if (status === 401 && isStatus(text))
          throw kubeErrorOf({ status, body: text, retryAfter: null }, { method, path, server });
        const retryAfter = response.headers.get('retry-after');
        const kept = retryAfter === null ? {} : { 'retry-after': retryAfter };
        return new Response(text, { status, headers: kept });
      },
    });
  };
}
