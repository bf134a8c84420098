import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ActionError, formatSize } from '@slipway/runtime';
import { splitCredentials } from './fetch.ts';
import type { ToolchainPorts } from './ports.ts';

const maxAttempts = 4;
const quietLimitMs = 30_000;
const progressEveryMs = 3_000;

/** What lies in the file after a download. */
export interface Download {
  bytes: number;
  sha256: string;
}

interface Progress {
  received: number;
  total: number | undefined;
}

/** Appends what the server still has to send; resolves when the body ended. */
async function receive(
  ports: Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock' | 'log'>,
  address: string,
  file: fs.FileHandle,
  progress: Progress,
  validator: { etag?: string },
): Promise<void> {
  const { shown, headers } = splitCredentials(address);
  const quiet = new AbortController();
  const timer = ports.clock.after(quietLimitMs, () => quiet.abort(new Error('no data for 30 s')));
  const signal = AbortSignal.any([ports.signal, quiet.signal]);
  try {
    const resume = progress.received > 0;
    const response = await ports.fetch(shown, {
      signal,
      headers: {
        ...headers,
        // A compressed answer could not be resumed at an offset.
        'accept-encoding': 'identity',
        ...(resume ? { range: `bytes=${progress.received}-` } : {}),
        ...(resume && validator.etag !== undefined ? { 'if-range': validator.etag } : {}),
      },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new ActionError(`${shown} answered with status ${response.status}.`);
    }
    if (response.status !== 206) progress.received = 0;
    const length = response.headers.get('content-length');
    if (length !== null) progress.total = progress.received + Number(length);
    const etag = response.headers.get('etag');
    if (etag !== null && !etag.startsWith('W/')) validator.etag = etag;
    let toldMs = ports.clock.now();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      timer.restart();
      await file.write(chunk, 0, chunk.length, progress.received);
      progress.received += chunk.length;
      if (ports.clock.now() - toldMs > progressEveryMs) {
        toldMs = ports.clock.now();
        const of = progress.total === undefined ? '' : ` of ${formatSize(progress.total)}`;
        ports.log.info(`  ${formatSize(progress.received)}${of}`);
      }
    }
    if (progress.total !== undefined && progress.received < progress.total)
      throw new Error(`${shown} ended early, after ${progress.received} bytes`);
    await file.truncate(progress.received);
  } finally {
    timer.stop();
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await fs.open(path);
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Downloads to `target` (which the caller keeps under a provisional name), resuming after a cut
 * connection where the server can. Throws ActionError when it stays incomplete after four attempts.
 */
export async function download(
  ports: Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock' | 'log'>,
  address: string,
  target: string,
): Promise<Download> {
  if (address.startsWith('file:')) {
    await fs.copyFile(fileURLToPath(address), target);
  } else {
    const progress: Progress = { received: 0, total: undefined };
    const validator: { etag?: string } = {};
    const file = await fs.open(target, 'w');
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await receive(ports, address, file, progress, validator);
          break;
        } catch (error) {
          ports.signal.throwIfAborted();
          const final = error instanceof ActionError && !/status (429|5\d\d)/.test(error.message);
          if (final || attempt === maxAttempts)
            throw new ActionError(
              `${splitCredentials(address).shown} could not be downloaded (attempt ${attempt} of ${maxAttempts}).`,
              { cause: error },
            );
          ports.log.debug(`download: ${String(error)}; again from byte ${progress.received}`);
          await ports.clock.sleep(500 * 2 ** (attempt - 1), ports.signal);
        }
      }
    } finally {
      await file.close();
    }
  }
  const { size } = await fs.stat(target);
  return { bytes: size, sha256: await sha256(target) };
}
