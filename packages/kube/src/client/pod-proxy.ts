import { readLimited } from '@slipway/http';
import type { Clock } from '@slipway/runtime';
import { isKubeStatus, KubeError } from './kube-error.ts';
import type { Send } from './request.ts';

/** One HTTP request to one pod. */
export interface PodProxyRequest {
  namespace: string;
  pod: string;
  port: number;
  /** Begins with a slash. */
  path: string;
  timeoutMs: number;
  scheme?: 'http' | 'https';
  /**
   * What the API server hands on as it is: not Host (it sends its own), not Authorization (it takes it
   * away); it adds X-Forwarded-For, -Host, -Proto and -Uri.
   */
  headers?: readonly (readonly [name: string, value: string])[];
  signal?: AbortSignal | undefined;
  /** Bytes of the body that are kept; 64 KiB by default. The rest is not read. */
  maxBytes?: number;
}

/** What came back. */
export interface PodProxyResponse {
  /**
   * Who answered: the pod itself, or the API server in its place (it could not reach the pod, or
   * does not let us). `nobody` means that the time limit passed first.
   */
  from: 'pod' | 'api-server' | 'nobody';
  /** 0 from `nobody`. */
  status: number;
  /** The answer's beginning; the API server's message when it answered in the pod's place. */
  body: string;
  /**
   * Where it redirects to, in the pod's own words as far as they can be had: the API server writes paths
   * of the pod into its own (k8s.io/apimachinery, pkg/util/proxy/transport.go).
   */
  location: string | undefined;
  durationMs: number;
}

/**
 * Asks a pod through the API server's proxy (needs `get` on `pods/proxy`). Every answer is a value; an
 * error is thrown only when the API server itself cannot be reached. The API server's own errors are
 * told from the pod's by their `Status` body: a pod that imitates one can only seem unobservable.
 */
export async function podProxy(
  send: Send,
  clock: Clock,
  request: PodProxyRequest,
): Promise<PodProxyResponse> {
  const { namespace, pod, port, scheme = 'http' } = request;
  const name = `${scheme === 'https' ? 'https:' : ''}${pod}:${port}`;
  const target = request.path.startsWith('/') ? request.path : `/${request.path}`;
  const started = clock.now();
  const durationMs = (): number => clock.now() - started;
  const nothing = (from: PodProxyResponse['from'], status: number, body: string) => ({
    from,
    status,
    body,
    location: undefined,
    durationMs: durationMs(),
  });
  try {
    return await send({
      method: 'GET',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/proxy${target}`,
      accept: '*/*',
      ...(request.headers === undefined ? {} : { headers: request.headers }),
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      read: async (response): Promise<PodProxyResponse> => {
        const status = response.status;
        // A body that does not end in time takes nothing away from the status that came with it.
        const answer = await readLimited(response, request.maxBytes ?? 65_536, { keep: true });
        const told = status >= 400 ? statusMessage(answer.text) : undefined;
        return told === undefined
          ? {
              from: 'pod',
              status,
              body: answer.text,
              location: ownLocation(response.headers.get('location')),
              durationMs: durationMs(),
            }
          : nothing('api-server', status, told);
      },
    });
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'Timeout')
      return nothing('nobody', 0, error.message);
    throw error;
  }
}

/** A path of the pod that the API server wrote into one of its own, as it was. */
function ownLocation(location: string | null): string | undefined {
  const inProxy = /\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/proxy(\/[^]*)?$/.exec(location ?? '');
  return inProxy === null ? (location ?? undefined) : (inProxy[1] ?? '/');
}

function statusMessage(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isKubeStatus(parsed) ? (parsed.message ?? '') : undefined;
  } catch {
    return undefined;
  }
}
