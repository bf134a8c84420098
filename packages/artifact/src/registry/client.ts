import { sha256 } from '../file/index.ts';
import { downloadBlob, type NamedBlob } from './blob-download.ts';
import { beginUpload, uploadBlob, type BegunUpload, type RegistryBlob } from './blob-upload.ts';
import { connectRepository, type Connection, type ConnectionOptions } from './connection.ts';
import { checkStoredDigest, registryFailure } from './failure.ts';
import { readLimited } from './limited-body.ts';

/** One repository of a registry, through the distribution API (opencontainers/distribution-spec). */
export interface RegistryClient {
  /** Throws when a push would be refused; nothing is stored. */
  checkPush(): Promise<void>;
  /** Makes sure the blob is there; says how it came. `mountFrom`: a repository that may have it. */
  ensureBlob(blob: RegistryBlob, mountFrom?: string): Promise<'present' | 'mounted' | 'uploaded'>;
  /** Puts a manifest under its digest or a tag. Throws when the registry names another digest. */
  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<void>;
  /** Whether the blob is there, or could be mounted from another repository of the registry. */
  adoptBlob(
    digest: string,
    mountFrom: string | undefined,
  ): Promise<'present' | 'mounted' | undefined>;
  /** Reads a blob into a file. Throws ActionError when it is another. */
  downloadBlob(blob: NamedBlob, file: string): Promise<void>;
  /** The bytes of a manifest; undefined when there is none. */
  getManifest(reference: string, mediaTypes: readonly string[]): Promise<Buffer | undefined>;
}

const maxManifestBytes = 4 * 1024 * 1024;

/** An address of the repository's API. */
function address({ name }: Connection, rest: string): URL {
  return new URL(`${name.origin}/v2/${name.repository}/${rest}`);
}

async function hasBlob(connection: Connection, digest: string): Promise<boolean> {
  const url = address(connection, `blobs/${digest}`);
  const head = await connection.send(url, { method: 'HEAD' });
  // A refusal has no words here, an answer to HEAD having no body: beginning the upload gets them.
  // Registries that keep blobs elsewhere answer a redirect for one that they have.
  return head.status === 200 || head.status === 307 || head.status === 302;
}

/**
 * Whether a push would be let in, found by beginning an upload and giving it up, as go-containerregistry
 * does (pkg/v1/remote/check.go). Throws with the registry's own words when not.
 */
async function checkPush(connection: Connection): Promise<void> {
  const begun = await connection.persist(() => beginUpload(connection));
  if (begun !== undefined) await giveUp(connection, begun);
}

/** Gives an upload up. Not every registry knows how to; it forgets it after a while. */
async function giveUp(connection: Connection, { location }: BegunUpload): Promise<void> {
  const answer = await connection
    .send(location, { method: 'DELETE', once: true })
    .catch(() => undefined);
  await answer?.body?.cancel();
}

async function ensureBlob(
  connection: Connection,
  blob: RegistryBlob,
  mountFrom: string | undefined,
): Promise<'present' | 'mounted' | 'uploaded'> {
  if (await hasBlob(connection, blob.digest)) return 'present';
  return uploadBlob(connection, blob, mountFrom);
}

async function adoptBlob(
  connection: Connection,
  digest: string,
  from: string | undefined,
): Promise<'present' | 'mounted' | undefined> {
  if (await hasBlob(connection, digest)) return 'present';
  if (from === undefined) return undefined;
  const begun = await connection.persist(() => beginUpload(connection, { digest, from }));
  if (begun === undefined) return 'mounted';
  await giveUp(connection, begun);
  return undefined;
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
export function createRegistryClient(options: ConnectionOptions): RegistryClient {
  const connection = connectRepository(options);
  return {
    checkPush: () => checkPush(connection),
    ensureBlob: (blob, mountFrom) => ensureBlob(connection, blob, mountFrom),
    adoptBlob: (digest, mountFrom) => adoptBlob(connection, digest, mountFrom),
    downloadBlob: (blob, file) => downloadBlob(connection, blob, file),
    putManifest: (reference, bytes, mediaType) =>
      putManifest(connection, { reference, bytes, mediaType }),
    getManifest: (reference, mediaTypes) => getManifest(connection, reference, mediaTypes),
  };
}
