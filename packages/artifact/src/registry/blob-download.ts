import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isLoopback } from '@slipway/http';
import { ActionError } from '@slipway/runtime';
import type { Connection } from './connection.ts';
import { registryFailure } from './failure.ts';
import { formatImageName } from './image-name.ts';

/** A blob that a manifest names. */
export interface NamedBlob {
  digest: string;
  /** In bytes. */
  size: number;
}

const redirects = [301, 302, 303, 307, 308];
const mostRedirects = 5;

/** Asks for a blob where the registry keeps it; credentials go to the registry alone. */
async function openBlob(connection: Connection, { digest, size }: NamedBlob): Promise<Response> {
  const { name } = connection;
  let url = new URL(`${name.origin}/v2/${name.repository}/blobs/${digest}`);
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const response = await connection.send(url, { timeoutMs: 600_000 + Math.ceil(size / 256) });
    if (response.status === 200) return response;
    const location = response.headers.get('location');
    if (!redirects.includes(response.status) || location === null)
      throw await registryFailure(response, name, `reading ${digest}`);
    await response.body?.cancel();
    url = new URL(location, url);
    if (url.protocol !== 'https:' && !(isLoopback(url) && isLoopback(name.origin)))
      throw new ActionError(
        `${name.registry} wants ${digest} read from ${url.origin}, over a connection that is not safe.`,
      );
  }
  throw new ActionError(
    `${name.registry} redirected more than ${mostRedirects} times for ${digest}.`,
  );
}

/** Reads a blob into `file`, and judges its size and digest while it comes. Throws ActionError for other content. */
export async function downloadBlob(
  connection: Connection,
  blob: NamedBlob,
  file: string,
): Promise<void> {
  const { digest, size } = blob;
  const wrong = (what: string): ActionError =>
    new ActionError(`${formatImageName(connection.name)} answered ${what} for ${digest}.`, {
      next: 'Somebody between here and the registry changes what is read, or the registry is damaged.',
    });
  await connection.persist(async () => {
    const response = await openBlob(connection, blob);
    const hash = createHash('sha256');
    let bytes = 0;
    const body = response.body === null ? [] : Readable.fromWeb(response.body as never);
    async function* judged(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > size) throw wrong(`more than ${size} bytes`);
        hash.update(chunk);
        yield chunk;
      }
    }
    await pipeline(body as AsyncIterable<Uint8Array>, judged, createWriteStream(file));
    if (`sha256:${hash.digest('hex')}` !== digest) throw wrong('other content');
  });
}
