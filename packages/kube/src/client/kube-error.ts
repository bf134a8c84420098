import { withoutQuotedValues } from '../message/index.ts';

/** The `Status` object with which a Kubernetes API server answers what it refuses. */
export interface KubeStatus {
  kind: 'Status';
  code?: number;
  reason?: string;
  message?: string;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number };
}

/** Whether `value` is a `Status` that reports a failure. */
export function isKubeStatus(value: unknown): value is KubeStatus {
  const status = value as { kind?: unknown; apiVersion?: unknown; status?: unknown } | null;
  return (
    typeof status === 'object' &&
    status !== null &&
    status.kind === 'Status' &&
    status.apiVersion === 'v1' &&
    status.status !== 'Success'
  );
}

/**
 * A request to an API server that did not succeed. `status` is the HTTP status, 0 when there was no
 * answer; `reason` the API's own word (`NotFound`, `Forbidden`, `Expired`, ...) or, without an
 * answer, `Unreachable`, `Timeout` or `Credentials`.
 */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  /** The request's path, without the server. */
  readonly path: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: {
      status: number;
      reason: string;
      path: string;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KubeError';
    this.status = details.status;
    this.reason = details.reason;
    this.path = details.path;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const reasonByStatus: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/**
 * The error of an answer with an HTTP status outside 2xx. `body` is what came with it; the values that
 * it quotes of a refused object are left out.
 */
export function kubeErrorOf(
  answer: { status: number; body: string; retryAfter?: string | null },
  request: { method: string; path: string; server: string },
): KubeError {
  let status: KubeStatus | undefined;
  try {
    const parsed: unknown = JSON.parse(answer.body);
    if (isKubeStatus(parsed)) status = parsed;
  } catch {
    // Not every answer is the API server's: a load balancer in front of it answers in HTML.
  }
  const seconds = Number(answer.retryAfter ?? status?.details?.retryAfterSeconds ?? Number.NaN);
  const said = withoutQuotedValues(status?.message ?? answer.body.trim().slice(0, 200));
  return new KubeError(
    `The Kubernetes API answered ${request.method} ${request.path} with ${answer.status}` +
      (said === '' ? '.' : `: ${said}`),
    {
      status: answer.status,
      reason: status?.reason ?? reasonByStatus[answer.status] ?? `HTTP${answer.status}`,
      path: request.path,
      retryAfterMs: Number.isFinite(seconds)
        ? Math.min(Math.max(seconds, 0), 30) * 1000
        : undefined,
    },
  );
}
