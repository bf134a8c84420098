import { isLoopback } from '@slipway/http';
import { ActionError } from '@slipway/runtime';
import type { Connection } from './connection.ts';
import { checkStoredDigest, registryFailure } from './failure.ts';
import { formatImageName } from './image-name.ts';

/** Content and the digest that it is stored under. A `Blob` of a file is read in pieces while it is sent. */
export interface RegistryBlob {
  digest: string;
  content: Blob;
}

/** An upload that a registry has begun. */
export interface BegunUpload {
  location: URL;
  /** The shortest chunk that the registry takes, where it asks for chunks (OCI-Chunk-Min-Length). */
  minChunkBytes: number | undefined;
}

const mebibyte = 1024 * 1024;

/**
 * How much goes in one request: everything at once, as oras and containerd send it, which ghcr.io takes at
 * any size and Artifact Registry takes alone ("does not support chunked uploads", dotnet/sdk-container-builds#287).
 * After 413 or 416 smaller chunks: what most proxies let through, the most that ghcr.io takes in a chunk
 * (ocx-sh/ocx#237), and nginx's default (client_max_body_size).
 */
const requestLimits = [Infinity, 32 * mebibyte, 4 * mebibyte, mebibyte] as const;

/** Of one request: slower than 256 KiB a second is given up. */
function timeoutFor(content: Blob): number {
  return 600_000 + Math.ceil(content.size / 256);
}

/** Where the registry wants the upload to go on. Throws ActionError when that place is not as safe as itself. */
function uploadLocation({ name }: Connection, response: Response, from: URL): URL {
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

/** Begins an upload, or mounts the blob of another repository: then undefined. Sent once. */
export async function beginUpload(
  connection: Connection,
  mount?: { digest: string; from: string },
): Promise<BegunUpload | undefined> {
  const { name } = connection;
  const url = new URL(`${name.origin}/v2/${name.repository}/blobs/uploads/`);
  if (mount !== undefined) {
    url.searchParams.set('mount', mount.digest);
    url.searchParams.set('from', mount.from);
  }
  const response = await connection.send(url, { method: 'POST', once: true });
  if (response.status !== 201 && response.status !== 202)
    throw await registryFailure(response, name, 'beginning an upload');
  await response.body?.cancel();
  if (response.status === 201) return undefined;
  const asked = response.headers.get('oci-chunk-min-length') ?? '';
  return {
    location: uploadLocation(connection, response, url),
    minChunkBytes: /^\d{1,12}$/.test(asked) ? Number(asked) : undefined,
  };
}

/** The last request's address. Appended as text: rewriting the query could spoil a signature in it. */
function finalAddress(location: URL, digest: string): URL {
  const query = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(digest)}`;
  return new URL(location.pathname + query, location);
}

/**
 * Sends the content, at once or in chunks. The last chunk goes with the last request, since an empty one
 * is answered with 500 by Amazon ECR (openai/tart#159), which also answers chunks with 201 and a Range that
 * stands still (aws/containers-roadmap#2831): the digest tells what arrived. Returns the answer to the last
 * request, or the first refusal.
 */
async function sendContent(
  connection: Connection,
  begun: URL,
  { digest, content }: RegistryBlob,
  chunkBytes: number,
): Promise<Response> {
  let location = begun;
  for (let from = 0; ; from += chunkBytes) {
    const isLast = from + chunkBytes >= content.size;
    const isWhole = isLast && from === 0;
    const chunk = isWhole ? content : content.slice(from, from + chunkBytes);
    const headers = {
      'content-type': 'application/octet-stream',
      // On a whole upload some registries would take it for a chunk that is too large (openai/tart#179).
      ...(isWhole ? {} : { 'content-range': `${from}-${from + chunk.size - 1}` }),
    };
    const request = { headers, body: chunk, once: true, timeoutMs: timeoutFor(chunk) };
    if (isLast)
      return connection.send(finalAddress(location, digest), { ...request, method: 'PUT' });
    const response = await connection.send(location, { ...request, method: 'PATCH' });
    if (![201, 202, 204].includes(response.status)) return response;
    await response.body?.cancel();
    if (response.headers.has('location')) location = uploadLocation(connection, response, location);
  }
}

/** Whether an answer says that the request was too large. */
const isTooLarge = ({ status }: Response): boolean => status === 413 || status === 416;

/**
 * Uploads a blob, or has it mounted `from` another repository. What broke off is begun anew, since a
 * registry may keep a part of it; a request that was too large is followed by smaller ones.
 */
export async function uploadBlob(
  connection: Connection,
  blob: RegistryBlob,
  from: string | undefined,
): Promise<'mounted' | 'uploaded'> {
  const { name, log } = connection;
  const { digest, content } = blob;
  const limits = requestLimits.filter((limit) => limit === Infinity || limit < content.size);
  let at = 0;
  return connection.persist(async () => {
    for (; ; at += 1) {
      const begun = await beginUpload(
        connection,
        from === undefined ? undefined : { digest, from },
      );
      if (begun === undefined) return 'mounted';
      const { minChunkBytes: least } = begun;
      if (least !== undefined && at === 0 && limits.length > 1) at = 1;
      const chunkBytes = Math.max(limits[at] ?? Infinity, least ?? 0);
      const done = await sendContent(connection, begun.location, blob, chunkBytes);
      if (done.status === 201 || done.status === 204) {
        await done.body?.cancel();
        checkStoredDigest(done, name, { what: 'a layer', digest });
        return 'uploaded';
      }
      const next = limits[at + 1];
      if (!isTooLarge(done) || next === undefined)
        throw await registryFailure(done, name, `uploading ${digest}`);
      await done.body?.cancel();
      log?.debug(
        `${name.registry} answered ${done.status}: ${digest} goes in parts of ${next} bytes.`,
      );
    }
  });
}
