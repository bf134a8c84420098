import type { Clock } from '@slipway/runtime';
import type { ApiRequest, Verb } from './api-request.ts';
import { refusalResponse, refusals, type Refusal } from './status.ts';

/** Something that goes wrong with a request. */
export type Fault =
  /** It is carried out, and the connection breaks before the answer. */
  | { kind: 'answer-lost' }
  /** It does not arrive: nobody listens, or the connection breaks before it is read. */
  | { kind: 'refused' }
  | { kind: 'reset' }
  /** It arrives and is not answered until the client gives up. */
  | { kind: 'silence' }
  /** It is carried out and answered after this time of the clock. */
  | { kind: 'delay'; ms: number }
  /** The server refuses it. */
  | { kind: 'unauthorized' }
  | { kind: 'forbidden' }
  | { kind: 'too-many-requests'; retryAfterSeconds: number }
  | { kind: 'unavailable'; retryAfterSeconds?: number }
  | { kind: 'refusal'; refusal: Refusal };

/** Which requests a fault is for; all of them when it names nothing. */
export interface FaultTarget {
  verb?: Verb;
  path?: RegExp;
}

/** The faults that are set. */
export interface Faults {
  /** Sets a fault for the next `times` such requests, 1 by default. Earlier ones come first. */
  add(target: FaultTarget, fault: Fault, times?: number): void;
  /** The fault of this request, which is used up by it. */
  take(request: ApiRequest): Fault | undefined;
}

/** Whether a request is one that `target` names. */
export function isTarget(target: FaultTarget, request: ApiRequest): boolean {
  const { verb = request.verb, path } = target;
  return verb === request.verb && (path === undefined || path.test(request.path));
}

/** No faults yet. */
export function createFaults(): Faults {
  const set: { target: FaultTarget; fault: Fault; left: number }[] = [];
  return {
    add: (target, fault, times = 1) => {
      set.push({ target, fault, left: times });
    },
    take: (request) => {
      const found = set.find(({ target, left }) => left > 0 && isTarget(target, request));
      if (found === undefined) return undefined;
      found.left -= 1;
      return found.fault;
    },
  };
}

/** What fetch throws when a connection fails, as undici words it. */
export function connectionError(code: 'ECONNRESET' | 'ECONNREFUSED'): Error {
  const cause = Object.assign(new Error(`the connection failed: ${code}`), { code });
  return new TypeError('fetch failed', { cause });
}

function untilAbort(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(signal?.reason as Error);
    if (signal?.aborted === true) give();
    signal?.addEventListener('abort', give, { once: true });
  });
}

const unavailable = (retryAfterSeconds?: number): Refusal => ({
  code: 503,
  reason: 'ServiceUnavailable',
  message: 'the server is currently unable to handle the request',
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

/** Answers a request as its fault has it; `handle` carries it out. */
export async function answerWith(
  fault: Fault | undefined,
  request: ApiRequest,
  ports: { clock: Clock; user: string; signal: AbortSignal | undefined; handle: () => Response },
): Promise<Response> {
  switch (fault?.kind) {
    case undefined:
      return ports.handle();
    case 'answer-lost':
      ports.handle();
      throw connectionError('ECONNRESET');
    case 'refused':
      throw connectionError('ECONNREFUSED');
    case 'reset':
      throw connectionError('ECONNRESET');
    case 'silence':
      return await untilAbort(ports.signal);
    case 'delay': {
      const response = ports.handle();
      await ports.clock.sleep(fault.ms, ports.signal);
      return response;
    }
    case 'unauthorized':
      return refusalResponse(refusals.unauthorized());
    case 'forbidden':
      return refusalResponse(refusals.forbidden(request, ports.user));
    case 'too-many-requests':
      return refusalResponse(refusals.tooManyRequests(fault.retryAfterSeconds));
    case 'unavailable':
      return refusalResponse(unavailable(fault.retryAfterSeconds));
    case 'refusal':
      return refusalResponse(fault.refusal);
  }
}
