import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ActionError,
  formatSize,
  systemClock,
  type Clock,
  type Fetch,
  type Log,
} from '@slipway/runtime';
import { HttpError, shownUrl } from './http-error.ts';
import { retryingFetch } from './retry.ts';

/** How one file is fetched. */
export interface DownloadOptions {
  fetch: Fetch;
  /** What the file must be, in hexadecimal. */
  sha256: string;
  signal?: AbortSignal;
  /** More is an error; 2 GiB by default. */
  maxBytes?: number;
  /** Called with the bytes so far and, when the server tells, the bytes in all. */
  onProgress?: (bytes: number, total: number | undefined) => void;
  headers?: Readonly<Record<string, string>>;
  /** Permissions of the file; 0644 by default. */
  mode?: number;
  /** For the waits between attempts. */
  clock?: Clock;
  log?: Log;
  attempts?: number;
}

/** A file that was fetched is not the one that was promised. */
export class ChecksumError extends ActionError {}

function meter(options: DownloadOptions, total: number | undefined, url: string | URL) {
  const hash = createHash('sha256');
  const maxBytes = options.maxBytes ?? 2 ** 31;
  let bytes = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      hash.update(chunk);
      options.onProgress?.(bytes, total);
      if (bytes > maxBytes)
        done(new ActionError(`${shownUrl(url)} is larger than ${formatSize(maxBytes)}.`));
      else done(null, chunk);
    },
  });
  return { stream, sha256: () => hash.digest('hex'), bytes: () => bytes };
}

/** The answer whose body is the file. */
async function open(url: string | URL, options: DownloadOptions, fetch: Fetch): Promise<Response> {
  const response = await fetch(url, {
    headers: { 'accept-encoding': 'identity', ...options.headers },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (response.status === 200) return response;
  await response.body?.cancel();
  throw new HttpError(response.status, url);
}

/** Writes the body to `part` and says what it was. */
async function store(
  response: Response,
  url: string | URL,
  part: string,
  options: DownloadOptions,
) {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const counted = meter(options, Number.isFinite(length) ? length : undefined, url);
  await pipeline(
    response.body === null ? Readable.from([]) : Readable.fromWeb(response.body),
    counted.stream,
    createWriteStream(part, { flags: 'wx', mode: options.mode ?? 0o644 }),
    ...(options.signal === undefined ? [] : [{ signal: options.signal }]),
  );
  return { bytes: counted.bytes(), sha256: counted.sha256() };
}

/**
 * Fetches `url` to `file`, under a temporary name beside it until its SHA-256 is what it must be; then
 * it is renamed, so `file` is either absent, what it was before, or whole. Nothing is left behind by an
 * error or an abort. A broken connection is tried again. Throws HttpError on an answer other than 200,
 * ChecksumError on another content, ActionError when it cannot be fetched, the signal's reason on abort.
 */
export async function download(
  url: string | URL,
  file: string,
  options: DownloadOptions,
): Promise<{ bytes: number }> {
  const { clock = systemClock, log, attempts = 4, signal } = options;
  const expected = options.sha256.trim().toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(expected))
    throw new ActionError(`There is no SHA-256 to check ${shownUrl(url)} with.`);
  const fetch = retryingFetch(options.fetch, {
    clock,
    attempts,
    ...(log === undefined ? {} : { log }),
  });
  const part = `${file}.${randomUUID()}.part`;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const response = await open(url, options, fetch);
      try {
        const { bytes, sha256 } = await store(response, url, part, options);
        if (sha256 !== expected)
          throw new ChecksumError(
            `${shownUrl(url)} has SHA-256 ${sha256}, but ${expected} was expected (${bytes} bytes).`,
            { next: 'Check the mirror or proxy on the way; the file was not kept.' },
          );
        await rename(part, file);
        return { bytes };
      } catch (error) {
        if (error instanceof ActionError || attempt >= attempts || isFileError(error)) throw error;
        signal?.throwIfAborted();
        log?.debug(`${shownUrl(url)} broke off; attempt ${attempt + 1} of ${attempts}.`);
        await rm(part, { force: true });
        await clock.sleep(250 * 2 ** attempt, signal);
      }
    }
  } catch (error) {
    await rm(part, { force: true });
    signal?.throwIfAborted();
    if (error instanceof ActionError) throw error;
    throw new ActionError(`${shownUrl(url)} could not be fetched.`, { cause: error });
  }
}

/** A full disk or a missing folder does not mend itself. */
function isFileError(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && ['open', 'write', 'rename', 'fsync'].includes(syscall ?? '');
}
