import { isLoopback } from '@slipway/http';
import { ActionError } from '@slipway/runtime';
import type { Connection } from './connection.ts';
import { formatImageName } from './image-name.ts';

const octets = { 'content-type': 'application/octet-stream' };
const timeoutMs = 600_000;

/** Bytes and the digest that they are stored under. */
export interface Blob {
  digest: string;
  bytes: Uint8Array;
}

/** Where the registry wants the upload to go on. Throws ActionError when that place is not as safe as itself. */
export function uploadLocation({ name }: Connection, response: Response, from: URL): URL {
  const location = response.headers.get('location');
  const url = location === null ? null : URL.parse(location, from.href);
  const isSafe =
    url !== null && (url.protocol === 'https:' || (isLoopback(url) && isLoopback(name.origin)));
  if (!isSafe)
    throw new ActionError(
      `${new URL(name.origin).host} sent a layer of ${formatImageName(name)} to a place it must not go to: ${JSON.stringify((location ?? '').slice(0, 200))}.`,
    );
  return url;
}

/** The last request, which names the digest. Appended as text: rewriting the query could spoil a signature in it. */
function finish({ send }: Connection, location: URL, digest: string, rest: Uint8Array) {
  const query = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(digest)}`;
  const url = new URL(location.pathname + query, location);
  return send(url, { method: 'PUT', headers: octets, body: Buffer.from(rest), timeoutMs });
}

/**
 * Sends a blob to the place of an upload that was begun: at once, or above `chunkBytes` in parts, since
 * proxies limit the size of a request. Returns the answer to the last request, or the first refusal.
 */
export async function uploadBlob(
  connection: Connection,
  begun: URL,
  { digest, bytes }: Blob,
  chunkBytes: number,
): Promise<Response> {
  if (bytes.length <= chunkBytes) return finish(connection, begun, digest, bytes);
  let location = begun;
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const chunk = bytes.subarray(from, from + chunkBytes);
    const range = { 'content-range': `${from}-${from + chunk.length - 1}` };
    const response = await connection.send(location, {
      method: 'PATCH',
      headers: { ...octets, ...range },
      body: Buffer.from(chunk),
      timeoutMs,
    });
    if (response.status !== 202) return response;
    await response.body?.cancel();
    location = uploadLocation(connection, response, location);
  }
  return finish(connection, location, digest, new Uint8Array());
}
