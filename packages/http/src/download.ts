import { createHash, randomUUID, type Hash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import {
  ActionError,
  errorMessage,
  formatSize,
  quietLimit,
  retry,
  systemClock,
  type Clock,
  type Fetch,
  type Log,
} from '@slipway/runtime';
import { HttpError, shownUrl } from './http-error.ts';
import { isTransient } from './network-error.ts';
import { isPassingStatus } from './passing-status.ts';
import { retryAfterMs } from './retrying-fetch.ts';

/** How one file is fetched. */
export interface DownloadOptions {
  fetch: Fetch;
  /** What the file must be, in hexadecimal; `unknown` only where its content is proven in another way. */
  sha256: string;
  signal?: AbortSignal;
  /** More is an error; 2 GiB by default. */
  maxBytes?: number;
  /** Called with the bytes so far and, when the server tells, the bytes in all. */
  onProgress?: (bytes: number, total: number | undefined) => void;
  headers?: Readonly<Record<string, string>>;
  /** Permissions of the file; 0644 by default. */
  mode?: number;
  /** For time limits and the waits between attempts. */
  clock?: Clock;
  log?: Log;
  /** Attempts in all; 4 by default. */
  attempts?: number;
  /** A connection without data for this long is given up, and tried again; 30 s by default. */
  quietMs?: number;
}

/** What was downloaded. */
export interface Downloaded {
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
}

/** A file that was fetched is not the one that was promised. */
export class ChecksumError extends ActionError {}

/** A body that ended before its end. */
class CutOffError extends Error {}

/** What is here so far, to go on from after a cut connection. */
interface Transfer {
  file: FileHandle;
  bytes: number;
  hash: Hash;
  /** Names the content that was begun; only its rest may be added. */
  etag: string | undefined;
}

function startAnew(transfer: Transfer): void {
  transfer.bytes = 0;
  transfer.hash = createHash('sha256');
}

/** The request for what is still missing. */
function headersFor({ bytes, etag }: Transfer, options: DownloadOptions): Record<string, string> {
  return {
    // A compressed answer could not be gone on with at an offset.
    'accept-encoding': 'identity',
    ...options.headers,
    ...(bytes > 0 && etag !== undefined ? { range: `bytes=${bytes}-`, 'if-range': etag } : {}),
  };
}

/** Whether the answer's body is the rest of what is here, as it was asked for. */
function goesOn(response: Response, bytes: number): boolean {
  const range = response.headers.get('content-range') ?? `bytes ${bytes}-`;
  return response.status === 206 && bytes > 0 && range.startsWith(`bytes ${bytes}-`);
}

async function refuse(response: Response, url: string | URL, clock: Clock): Promise<never> {
  await response.body?.cancel();
  const asked = retryAfterMs(response.headers.get('retry-after'), clock.now());
  throw new HttpError(response.status, url, { retryAfterMs: asked });
}

/** Adds to the file what the server still has to send. */
async function receive(
  transfer: Transfer,
  url: string | URL,
  options: DownloadOptions,
): Promise<void> {
  const { clock = systemClock, maxBytes = 2 ** 31, quietMs = 30_000 } = options;
  const quiet = quietLimit(clock, quietMs, options.signal);
  try {
    const headers = headersFor(transfer, options);
    const response = await options.fetch(url, { headers, signal: quiet.signal });
    if (!goesOn(response, transfer.bytes)) {
      if (response.status !== 200) await refuse(response, url, clock);
      startAnew(transfer);
    }
    const etag = response.headers.get('etag');
    transfer.etag = etag === null || etag.startsWith('W/') ? undefined : etag;
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : transfer.bytes + Number(length);
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      quiet.heard();
      await transfer.file.write(chunk, 0, chunk.length, transfer.bytes);
      transfer.hash.update(chunk);
      transfer.bytes += chunk.length;
      options.onProgress?.(transfer.bytes, total);
      if (transfer.bytes > maxBytes)
        throw new ActionError(`${shownUrl(url)} is larger than ${formatSize(maxBytes)}.`);
    }
    if (total !== undefined && transfer.bytes < total)
      throw new CutOffError(`${shownUrl(url)} ended after ${transfer.bytes} of ${total} bytes.`);
  } finally {
    quiet.end();
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof HttpError) return isPassingStatus(error.status);
  return error instanceof CutOffError || isTransient(error);
}

/** Receives the whole body into `part`, in as many attempts as it takes and is allowed. */
async function fetchTo(
  part: string,
  url: string | URL,
  options: DownloadOptions,
): Promise<Downloaded> {
  const { clock = systemClock, log, attempts = 4, signal } = options;
  const file = await open(part, 'wx', options.mode ?? 0o644);
  const transfer: Transfer = { file, bytes: 0, hash: createHash('sha256'), etag: undefined };
  try {
    await retry(() => receive(transfer, url, options), {
      clock,
      attempts,
      signal,
      transient: mayPass,
      askedMs: (error) => (error instanceof HttpError ? error.retryAfterMs : undefined),
      onRetry: ({ error, attempt }) =>
        log?.debug(
          `${shownUrl(url)} broke off after ${formatSize(transfer.bytes)} (${errorMessage(error)}); attempt ${attempt} of ${attempts}.`,
        ),
    });
    await file.truncate(transfer.bytes);
  } finally {
    await file.close();
  }
  return { bytes: transfer.bytes, sha256: transfer.hash.digest('hex') };
}

/**
 * Fetches `url` to `file`, under a temporary name beside it until its SHA-256 is what it must be; then
 * it is renamed, so `file` is either absent, what it was before, or whole. Nothing is left behind by an
 * error or an abort. A broken or silent connection is tried again, and gone on with from where it broke
 * when the server can (RFC 9110, section 14). Throws HttpError on an answer other than 200, ChecksumError
 * on another content, ActionError when it cannot be fetched, the signal's reason on abort.
 */
export async function download(
  url: string | URL,
  file: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const expected = options.sha256.trim().toLowerCase();
  if (expected !== 'unknown' && !/^[0-9a-f]{64}$/.test(expected))
    throw new ActionError(`There is no SHA-256 to check ${shownUrl(url)} with.`);
  const part = `${file}.${randomUUID()}.part`;
  try {
    const got = await fetchTo(part, url, options);
    if (expected !== 'unknown' && got.sha256 !== expected)
      throw new ChecksumError(
        `${shownUrl(url)} has SHA-256 ${got.sha256}, but ${expected} was expected (${got.bytes} bytes).`,
        { next: 'Check the mirror or proxy on the way; the file was not kept.' },
      );
    await rename(part, file);
    return got;
  } catch (error) {
    await rm(part, { force: true });
    options.signal?.throwIfAborted();
    if (error instanceof ActionError) throw error;
    throw new ActionError(`${shownUrl(url)} could not be fetched.`, { cause: error });
  }
}
