import { sha256 } from '../file/index.ts';
import { uploadBlob, uploadLocation, type Blob } from './blob-upload.ts';
import { connectRepository, type Connection, type ConnectionOptions } from './connection.ts';
import { checkStoredDigest, registryFailure } from './failure.ts';
import { readLimited } from './limited-body.ts';

/** One repository of a registry, through the distribution API (opencontainers/distribution-spec). */
export interface RegistryClient {
  /** Makes sure the blob is there; says how it came. `mountFrom`: a repository that may have it. */
  ensureBlob(
    digest: string,
    bytes: Uint8Array,
    mountFrom?: string,
  ): Promise<'present' | 'mounted' | 'uploaded'>;
  /** Puts a manifest under its digest or a tag. Throws when the registry names another digest. */
  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<void>;
  /** The bytes of a manifest; undefined when there is none. */
  getManifest(reference: string, mediaTypes: readonly string[]): Promise<Buffer | undefined>;
}

const maxManifestBytes = 4 * 1024 * 1024;
const defaultChunkBytes = 32 * 1024 * 1024;

/** An address of the repository's API. */
function address({ name }: Connection, rest: string): URL {
  return new URL(`${name.origin}/v2/${name.repository}/${rest}`);
}

async function hasBlob(connection: Connection, digest: string): Promise<boolean> {
  const url = address(connection, `blobs/${digest}`);
  const head = await connection.send(url, { method: 'HEAD' });
  if (head.status === 401 || head.status === 403)
    throw await registryFailure(head, connection.name, 'looking up a layer');
  // Registries that keep blobs elsewhere answer a redirect for one that they have.
  return head.status === 200 || head.status === 307 || head.status === 302;
}

/** Begins an upload, or mounts the blob; undefined when it is mounted, else where to send it. */
async function beginUpload(
  connection: Connection,
  digest: string,
  mountFrom: string | undefined,
): Promise<URL | undefined> {
  const begin = address(connection, 'blobs/uploads/');
  if (mountFrom !== undefined) {
    begin.searchParams.set('mount', digest);
    begin.searchParams.set('from', mountFrom);
  }
  const started = await connection.send(begin, { method: 'POST' });
  if (started.status !== 201 && started.status !== 202)
    throw await registryFailure(started, connection.name, 'beginning an upload');
  await started.body?.cancel();
  return started.status === 201 ? undefined : uploadLocation(connection, started, begin);
}

async function ensureBlob(
  connection: Connection,
  blob: Blob,
  { mountFrom, chunkBytes }: { mountFrom: string | undefined; chunkBytes: number },
): Promise<'present' | 'mounted' | 'uploaded'> {
  const { digest } = blob;
  if (await hasBlob(connection, digest)) return 'present';
  const begun = await beginUpload(connection, digest, mountFrom);
  if (begun === undefined) return 'mounted';
  const done = await uploadBlob(connection, begun, blob, chunkBytes);
  if (done.status !== 201 && done.status !== 204)
    throw await registryFailure(done, connection.name, `uploading ${digest}`);
  await done.body?.cancel();
  checkStoredDigest(done, connection.name, { what: 'a layer', digest });
  return 'uploaded';
}

async function putManifest(
  connection: Connection,
  manifest: { reference: string; bytes: Uint8Array; mediaType: string },
): Promise<void> {
  const { reference, bytes, mediaType } = manifest;
  const response = await connection.send(address(connection, `manifests/${reference}`), {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: Buffer.from(bytes),
  });
  if (response.status !== 201)
    throw await registryFailure(response, connection.name, `putting manifest ${reference}`);
  await response.body?.cancel();
  const digest = `sha256:${sha256(bytes)}`;
  checkStoredDigest(response, connection.name, { what: `manifest ${reference}`, digest });
}

async function getManifest(
  connection: Connection,
  reference: string,
  mediaTypes: readonly string[],
): Promise<Buffer | undefined> {
  const response = await connection.send(address(connection, `manifests/${reference}`), {
    headers: { accept: mediaTypes.join(', ') },
  });
  if (response.status === 404) return undefined;
  if (response.status !== 200)
    throw await registryFailure(response, connection.name, `reading manifest ${reference}`);
  return readLimited(response, maxManifestBytes);
}

/** A client for one repository. Credentials and tokens go to the registry's own origin only. */
export function createRegistryClient(
  options: ConnectionOptions & {
    /** Blobs above it go in parts of this size, since proxies limit the size of a request. 32 MiB by default. */
    chunkBytes?: number;
  },
): RegistryClient {
  const { chunkBytes = defaultChunkBytes } = options;
  const connection = connectRepository(options);
  return {
    ensureBlob: (digest, bytes, mountFrom) =>
      ensureBlob(connection, { digest, bytes }, { mountFrom, chunkBytes }),
    putManifest: (reference, bytes, mediaType) =>
      putManifest(connection, { reference, bytes, mediaType }),
    getManifest: (reference, mediaTypes) => getManifest(connection, reference, mediaTypes),
  };
}
