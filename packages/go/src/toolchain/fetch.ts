import * as fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ToolchainPorts } from './ports.ts';

/** A server that could not be asked, or that answered with an error other than "not there". */
export class SourceError extends Error {}

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
  ports: Pick<ToolchainPorts, 'fetch' | 'signal'>,
  address: string,
  limits: { timeoutMs: number; maxBytes: number },
): Promise<Buffer | undefined> {
  const { shown, headers } = splitCredentials(address);
  const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(limits.timeoutMs)]);
  const response = await ports.fetch(shown, { headers, signal });
  if (response.status === 404 || response.status === 410) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new SourceError(`${shown} answered with status ${response.status}`);
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
 * The body behind an http, https or file address; undefined when it is not there (404, 410). Tries
 * twice, except when a name cannot be resolved. Throws SourceError otherwise.
 */
export async function readAddress(
  ports: Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock'>,
  address: string,
  limits: { timeoutMs?: number; maxBytes?: number } = {},
): Promise<Buffer | undefined> {
  if (address.startsWith('file:'))
    return fs.readFile(fileURLToPath(address)).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new SourceError(`${address} could not be read`, { cause: error });
    });
  const full = {
    timeoutMs: limits.timeoutMs ?? 15_000,
    maxBytes: limits.maxBytes ?? 32 * 1024 * 1024,
  };
  for (let left = 1; ; left -= 1) {
    try {
      return await attempt(ports, address, full);
    } catch (error) {
      ports.signal.throwIfAborted();
      const cause = error instanceof Error ? error.cause : undefined;
      const code = (cause as NodeJS.ErrnoException | undefined)?.code;
      const hopeless = code === 'ENOTFOUND' || code === 'ECONNREFUSED';
      if (left > 0 && !hopeless) {
        await ports.clock.sleep(500, ports.signal);
        continue;
      }
      if (error instanceof SourceError) throw error;
      throw new SourceError(`${splitCredentials(address).shown} could not be reached`, {
        cause: error,
      });
    }
  }
}
