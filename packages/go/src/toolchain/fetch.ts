import * as fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { errorCodes, isPassingStatus, isTransient } from '@slipway/http';
import { retry, timeLimit } from '@slipway/runtime';
import type { ToolchainPorts } from './ports.ts';

/** A server that could not be asked, or that answered with an error other than "not there". */
export class SourceError extends Error {
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SourceError';
    this.status = options.status;
  }
}

/** Whether a site answered 403: a refusal, or what a bucket whose list is not public says of all that it lacks. */
export const isForbidden = (error: unknown): error is SourceError =>
  error instanceof SourceError && error.status === 403;

/** Whether to ask once more. A machine without a network is to know it at once. */
function mayPass(error: unknown): boolean {
  if (error instanceof SourceError)
    return error.status !== undefined && isPassingStatus(error.status);
  const codes = errorCodes(error);
  return isTransient(error) && !codes.includes('ENOTFOUND') && !codes.includes('ECONNREFUSED');
}

/** An address without user and password, for messages; those two as an Authorization header. */
export function splitCredentials(address: string): {
  shown: string;
  headers: Record<string, string>;
} {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    shown: url.href,
    headers:
      username === '' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  };
}

async function attempt(
  ports: Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock'>,
  address: string,
  limits: { timeoutMs: number; maxBytes: number },
): Promise<Buffer | undefined> {
  const { shown, headers } = splitCredentials(address);
  const signal = timeLimit(ports.clock, limits.timeoutMs, ports.signal);
  const response = await ports.fetch(shown, { headers, signal });
  if (response.status === 404 || response.status === 410) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) {
    await response.body?.cancel();
    const { status } = response;
    throw new SourceError(`${shown} answered with status ${status}`, { status });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limits.maxBytes)
      throw new SourceError(`${shown} sent more than ${limits.maxBytes} bytes`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

/**
 * The body behind an http, https or file address; undefined when it is not there (404, 410). Asks twice
 * when what went wrong may pass. Throws SourceError otherwise.
 */
export async function readAddress(
  ports: Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock'>,
  address: string,
  limits: { timeoutMs?: number; maxBytes?: number } = {},
): Promise<Buffer | undefined> {
  if (address.startsWith('file:'))
    return fs.readFile(fileURLToPath(address)).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
      throw new SourceError(`${address} could not be read`, { cause: error });
    });
  const full = {
    timeoutMs: limits.timeoutMs ?? 15_000,
    maxBytes: limits.maxBytes ?? 32 * 1024 * 1024,
  };
  const { clock, signal } = ports;
  try {
    return await retry(() => attempt(ports, address, full), {
      clock,
      signal,
      attempts: 2,
      transient: mayPass,
    });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof SourceError) throw cause;
    throw new SourceError(`${splitCredentials(address).shown} could not be reached`, { cause });
  }
}
