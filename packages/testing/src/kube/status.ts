import type { ApiRequest } from './api-request.ts';
import { resourceName } from './kinds.ts';

/** A refusal, as the API server words it. */
export interface Refusal {
  code: number;
  reason: string;
  message: string;
  retryAfterSeconds?: number;
}

const named = (request: ApiRequest, name = request.name): string =>
  `${request.kind === undefined ? 'unknown' : resourceName(request.kind)} ${JSON.stringify(name)}`;

/** The refusals of the API server (k8s.io/apimachinery, pkg/api/errors), word for word. */
export const refusals = {
  notFound: (request: ApiRequest): Refusal => ({
    code: 404,
    reason: 'NotFound',
    message: `${named(request)} not found`,
  }),
  noNamespace: (namespace: string): Refusal => ({
    code: 404,
    reason: 'NotFound',
    message: `namespaces ${JSON.stringify(namespace)} not found`,
  }),
  unknownPath: (): Refusal => ({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
  }),
  alreadyExists: (request: ApiRequest, name: string): Refusal => ({
    code: 409,
    reason: 'AlreadyExists',
    message: `${named(request, name)} already exists`,
  }),
  conflict: (request: ApiRequest): Refusal => ({
    code: 409,
    reason: 'Conflict',
    message:
      `Operation cannot be fulfilled on ${named(request)}: the object has been modified; ` +
      'please apply your changes to the latest version and try again',
  }),
  expired: (asked: string, oldest: number): Refusal => ({
    code: 410,
    reason: 'Expired',
    message: `too old resource version: ${asked} (${oldest})`,
  }),
  expiredList: (): Refusal => ({
    code: 410,
    reason: 'Expired',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
  }),
  badRequest: (message: string): Refusal => ({ code: 400, reason: 'BadRequest', message }),
  invalid: (message: string): Refusal => ({ code: 422, reason: 'Invalid', message }),
  forbidden: (request: ApiRequest, user: string): Refusal => {
    const { kind, namespace } = request;
    const verb = request.verb === 'apply' ? 'patch' : request.verb;
    const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    return {
      code: 403,
      reason: 'Forbidden',
      message:
        `${kind === undefined ? 'unknown' : resourceName(kind)}${request.name === '' ? '' : ` ${JSON.stringify(request.name)}`} is forbidden: ` +
        `User ${JSON.stringify(user)} cannot ${verb} resource ${JSON.stringify(kind?.resource ?? '')} ` +
        `in API group ${JSON.stringify(kind?.group ?? '')} ${where}`,
    };
  },
  unauthorized: (): Refusal => ({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' }),
  tooManyRequests: (retryAfterSeconds: number): Refusal => ({
    code: 429,
    reason: 'TooManyRequests',
    message: 'The apiserver is overloaded, please try again later.',
    retryAfterSeconds,
  }),
} as const;

/** The `Status` object of a refusal. */
export function statusOf(refusal: Refusal): object {
  const { code, reason, message, retryAfterSeconds } = refusal;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    code,
  };
}

/** Thrown within the server; the answer is the refusal. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** An answer of JSON. */
export function jsonResponse(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** The answer that refuses. */
export function refusalResponse(refusal: Refusal): Response {
  const { retryAfterSeconds: seconds } = refusal;
  return jsonResponse(
    statusOf(refusal),
    refusal.code,
    seconds === undefined ? {} : { 'retry-after': String(seconds) },
  );
}
