import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { download as fetchFile, HttpError, type Downloaded } from '@slipway/http';
import { ActionError, formatSize } from '@slipway/runtime';
import { SourceError, splitCredentials } from './fetch.ts';
import type { ToolchainPorts } from './ports.ts';

const progressEveryMs = 3_000;

type Ports = Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock' | 'log'>;

/** Tells how far a long download is, every few seconds. */
function progressLog({ clock, log }: Ports): (bytes: number, total: number | undefined) => void {
  let toldMs = clock.now();
  return (bytes, total) => {
    if (clock.now() - toldMs <= progressEveryMs) return;
    toldMs = clock.now();
    const of = total === undefined ? '' : ` of ${formatSize(total)}`;
    log.info(`  ${formatSize(bytes)}${of}`);
  };
}

async function copied(address: string, target: string): Promise<Downloaded> {
  await fs.copyFile(fileURLToPath(address), target);
  const hash = createHash('sha256');
  await pipeline(createReadStream(target, { highWaterMark: 1 << 20 }), hash);
  const { size } = await fs.stat(target);
  return { bytes: size, sha256: hash.digest('hex') };
}

/**
 * Brings what an http, https or file address names to `target`, resuming after a cut connection where the
 * server can. The caller checks it: by the sum that is returned, or by what it unpacks. Throws SourceError when it is
 * refused, ActionError when it stays incomplete after four attempts.
 */
export async function download(ports: Ports, address: string, target: string): Promise<Downloaded> {
  if (address.startsWith('file:')) return copied(address, target);
  const { shown, headers } = splitCredentials(address);
  const { fetch, signal, clock, log } = ports;
  try {
    return await fetchFile(shown, target, {
      fetch,
      signal,
      clock,
      log,
      headers,
      sha256: 'unknown',
      onProgress: progressLog(ports),
    });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof HttpError && (cause.status === 401 || cause.status === 403))
      throw new SourceError(`${shown} answered with status ${cause.status}`, {
        status: cause.status,
        cause,
      });
    throw new ActionError(`${shown} could not be downloaded.`, { cause });
  }
}
