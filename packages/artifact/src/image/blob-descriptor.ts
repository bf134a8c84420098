import { sha256 } from '../file/index.ts';

/** Media types of the OCI image format. */
export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** Bytes that are stored under their digest. */
export interface Blob {
  digest: string;
  bytes: Buffer;
}

/** The bytes as a blob. */
export function blob(bytes: Buffer): Blob {
  return { digest: `sha256:${sha256(bytes)}`, bytes };
}

/** A value as a blob of JSON. */
export function jsonBlob(value: unknown): Blob {
  return blob(Buffer.from(JSON.stringify(value)));
}

/** How a manifest or an index names a blob (opencontainers/image-spec, descriptor.md). */
export function descriptor(mediaType: string, { digest, bytes }: Blob) {
  return { mediaType, digest, size: bytes.length };
}
