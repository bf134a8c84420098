import { sha256 } from '../file/index.ts';

/** Media types of the OCI image format. */
export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** How much is stored under a digest. */
interface Stored {
  digest: string;
  /** In bytes. */
  size: number;
}

/** Bytes that are stored under their digest. */
export interface SmallBlob extends Stored {
  bytes: Buffer;
}

/** A file that is stored under its digest; it may be larger than memory. */
export interface Layer extends Stored {
  file: string;
}

/** The bytes as a blob. */
export function blob(bytes: Buffer): SmallBlob {
  return { digest: `sha256:${sha256(bytes)}`, size: bytes.length, bytes };
}

/** A value as a blob of JSON. */
export function jsonBlob(value: unknown): SmallBlob {
  return blob(Buffer.from(JSON.stringify(value)));
}

/** How a manifest or an index names a blob (opencontainers/image-spec, descriptor.md). */
export function descriptor(mediaType: string, { digest, size }: Stored) {
  return { mediaType, digest, size };
}
