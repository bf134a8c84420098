import { errorCodes } from '@slipway/http';
import { retry, timeLimit } from '@slipway/runtime';
import type { CachePorts } from './cache-ports.ts';

/** An entry that may be downloaded. */
export interface FoundEntry {
  key: string;
  url: string;
}

/** What became of asking for a new entry. */
export type Reservation =
  { kind: 'reserved'; url: string } | { kind: 'taken' } | { kind: 'denied'; why: string };

/**
 * GitHub's cache service, protocol v2: three Twirp calls in JSON, bodies in a blob store. Written here
 * and not taken from @actions/cache, which packs everything through tar and a temporary file, one after
 * the other. It also brings the Azure SDK: beside @actions/core alone, a minified bundle with
 * @actions/cache 6.3.0 has 1.48 MB instead of 0.49 MB and starts in 161 ms instead of 105 ms.
 */
export interface CacheService {
  /** The exact first key, else the newest entry that begins with one of the others, in their order. */
  find(keys: readonly string[], version: string): Promise<FoundEntry | undefined>;
  reserve(key: string, version: string): Promise<Reservation>;
  /** Makes the uploaded blob an entry. */
  finalize(key: string, version: string, bytes: number): Promise<void>;
}

/** Whether this run may use the service (`ACTIONS_CACHE_MODE` and read-only tokens narrow it). */
export interface CacheAccess {
  service: CacheService;
  readable: boolean;
  writable: boolean;
}

const callTimeoutMs = 10_000;
const prefix = 'twirp/github.actions.results.api.v1.CacheService/';

/** A call that the service refused or did not answer. */
export class CacheServiceError extends Error {
  readonly status: number | undefined;
  constructor(message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CacheServiceError';
    this.status = status;
  }
}

type Answer = Readonly<Record<string, unknown>>;

async function post(
  ports: CachePorts,
  base: string,
  method: string,
  body: object,
): Promise<{ status: number; answer: Answer }> {
  const response = await ports.fetch(new URL(prefix + method, base), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${ports.env['ACTIONS_RUNTIME_TOKEN'] ?? ''}`,
    },
    body: JSON.stringify(body),
    signal: timeLimit(ports.clock, callTimeoutMs, ports.signal),
    // The token goes to its own origin only.
    redirect: 'error',
  });
  const text = await response.text();
  try {
    return { status: response.status, answer: JSON.parse(text) as Answer };
  } catch {
    return { status: response.status, answer: {} };
  }
}

/** A server error or a lost connection may pass; who refuses the connection is not there. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof CacheServiceError)) return false;
  if (error.status !== undefined) return error.status >= 500;
  const codes = errorCodes(error);
  return !codes.includes('ECONNREFUSED') && !codes.includes('ENOTFOUND');
}

/** One call, tried once more after what may pass. */
function call(
  ports: CachePorts,
  base: string,
  method: string,
  body: object,
): Promise<{ status: number; answer: Answer }> {
  const { clock, signal } = ports;
  const once = async () => {
    const result = await post(ports, base, method, body).catch((error: unknown) => {
      throw new CacheServiceError(`${method} got no answer`, undefined, error);
    });
    if (result.status < 500) return result;
    throw new CacheServiceError(`${method} answered ${result.status}`, result.status);
  };
  return retry(once, { clock, signal, attempts: 2, firstDelayMs: 1_000, transient: mayPass });
}

const text = (answer: Answer, ...names: string[]): string => {
  const value = names.map((name) => answer[name]).find((one) => typeof one === 'string');
  return typeof value === 'string' ? value : '';
};

function connect(ports: CachePorts, base: string): CacheService {
  return {
    find: async ([key = '', ...restoreKeys], version) => {
      const method = 'GetCacheEntryDownloadURL';
      const body = { key, restore_keys: restoreKeys, version };
      const { status, answer } = await call(ports, base, method, body);
      if (status !== 200)
        throw new CacheServiceError(`${method} answered ${status}: ${text(answer, 'msg')}`, status);
      const url = text(answer, 'signed_download_url', 'signedDownloadUrl');
      const matched = text(answer, 'matched_key', 'matchedKey');
      return answer['ok'] === true && url !== '' ? { key: matched || key, url } : undefined;
    },
    reserve: async (key, version) => {
      const method = 'CreateCacheEntry';
      const { status, answer } = await call(ports, base, method, { key, version });
      const message = text(answer, 'message', 'msg');
      if (status === 409) return { kind: 'taken' };
      if (message.startsWith('cache write denied')) return { kind: 'denied', why: message };
      if (status !== 200)
        throw new CacheServiceError(`${method} answered ${status}: ${message}`, status);
      const url = text(answer, 'signed_upload_url', 'signedUploadUrl');
      return answer['ok'] === true && url !== '' ? { kind: 'reserved', url } : { kind: 'taken' };
    },
    finalize: async (key, version, bytes) => {
      const method = 'FinalizeCacheEntryUpload';
      const body = { key, version, size_bytes: String(bytes) };
      const { status, answer } = await call(ports, base, method, body);
      if (status !== 200 || answer['ok'] !== true)
        throw new CacheServiceError(
          `${method} answered ${status}: ${text(answer, 'message', 'msg')}`,
          status,
        );
    },
  };
}

/** The service of this job, or a sentence on why there is none. */
export function openCacheService(ports: CachePorts): CacheAccess | { unavailable: string } {
  const { env } = ports;
  const base = env['ACTIONS_RESULTS_URL'];
  if (base === undefined || base === '' || env['ACTIONS_RUNTIME_TOKEN'] === undefined)
    return { unavailable: 'the runner names no cache service (ACTIONS_RESULTS_URL)' };
  const server = URL.parse(env['GITHUB_SERVER_URL'] ?? 'https://github.com');
  const host = server?.hostname.toLowerCase() ?? '';
  const hosted = host === 'github.com' || host.endsWith('.ghe.com') || host.endsWith('.localhost');
  if (!hosted || (env['ACTIONS_CACHE_SERVICE_V2'] ?? '') === '')
    return { unavailable: 'this server has only version 1 of the cache service' };
  const mode = (env['ACTIONS_CACHE_MODE'] ?? '').trim().toLowerCase();
  return {
    service: connect(ports, base),
    readable: mode !== 'none' && mode !== 'write-only',
    writable: mode !== 'none' && mode !== 'read',
  };
}
