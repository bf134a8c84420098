import { isPassingStatus, isTransient, retryAfterMs } from '@slipway/http';
import { retry, type Clock, type Fetch, type Log, type MaskSecret } from '@slipway/runtime';
import { authorize, parseChallenge } from './authorization.ts';
import type { RegistryCredentials } from './credentials.ts';
import { RegistryFailure } from './failure.ts';
import type { ImageName } from './image-name.ts';
import { attempts, registrySender, type SendRequest } from './sender.ts';

/** How one repository is reached. */
export interface ConnectionOptions {
  name: ImageName;
  credentials: RegistryCredentials | undefined;
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
  maskSecret: MaskSecret;
  log?: Log;
  /** What is asked for; `pull` where nothing is pushed. */
  access?: 'pull' | 'pull,push';
  /** Repositories of the same registry that blobs may be mounted from. */
  mountFrom?: readonly string[];
}

/** One repository of a registry. */
export interface Connection {
  name: ImageName;
  /** Sends to the registry with what it asks for; to any other origin without credentials. */
  send: SendRequest;
  /** Does work of several requests again, from its beginning, when the network or the server fails for a moment. */
  persist: <T>(work: () => Promise<T>) => Promise<T>;
  log: Log | undefined;
}

/** The scopes that a push, or a pull alone, needs, in the order in which they are asked for. */
function scopesOf({ name, access = 'pull,push', mountFrom = [] }: ConnectionOptions): string[] {
  return [
    `repository:${name.repository}:${access}`,
    ...mountFrom.map((repository) => `repository:${repository}:pull`),
  ];
}

/**
 * A connection that answers the registry's challenge once and uses that answer from then on.
 * Credentials and tokens go to the registry's own origin only.
 */
export function connectRepository(options: ConnectionOptions): Connection {
  const { name, credentials, maskSecret } = options;
  const sendPlain = registrySender(options);
  const { origin } = new URL(name.origin);
  const scopes = scopesOf(options);
  let authorization: Promise<string | undefined> | undefined;

  const sendAuthorized: SendRequest = async (url, request = {}) => {
    const header = await authorization;
    if (header === undefined) return sendPlain(url, request);
    return sendPlain(url, { ...request, headers: { ...request.headers, authorization: header } });
  };
  const send: SendRequest = async (url, request) => {
    if (url.origin !== origin) return sendPlain(url, request);
    const used = authorization;
    const response = await sendAuthorized(url, request);
    if (response.status !== 401) return response;
    const challenge = parseChallenge(response.headers.get('www-authenticate'));
    if (challenge === undefined) return response;
    await response.body?.cancel();
    // Parallel requests share one token; only the first to be refused fetches another.
    if (authorization === used)
      authorization = authorize({
        challenge,
        origin: name.origin,
        scopes,
        credentials,
        send: sendPlain,
        maskSecret,
      });
    return sendAuthorized(url, request);
  };
  const persist = <T>(work: () => Promise<T>): Promise<T> =>
    retry(work, {
      clock: options.clock,
      signal: options.signal,
      attempts,
      transient: (error) =>
        error instanceof RegistryFailure ? isPassingStatus(error.status) : isTransient(error),
      askedMs: (error) =>
        error instanceof RegistryFailure
          ? retryAfterMs(error.retryAfter, options.clock.now())
          : undefined,
    });
  return { name, send, persist, log: options.log };
}
