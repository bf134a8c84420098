import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ArchiveEntry } from './archive-entry.ts';
import { gzipChunks } from './gzip.ts';
import { tarChunks } from './tar-writer.ts';
import { zipChunks } from './zip-writer.ts';
import { zstdChunks } from './zstd.ts';

/** The formats that archives are written in. */
export type ArchiveFormat = 'tar.gz' | 'tar.zst' | 'zip';

/** How an archive is written. */
export interface ArchiveOptions {
  format: ArchiveFormat;
  /** The time of every entry, in seconds since 1970. */
  mtimeSeconds: number;
}

/** An archive on disk. SHA-256 in hexadecimal. */
export interface WrittenArchive {
  bytes: number;
  sha256: string;
  /** Of what is compressed in it as one: the tar archive in a tar.gz or tar.zst; of a zip the same as `sha256`. */
  unpackedSha256: string;
}

const compress = { 'tar.gz': gzipChunks, 'tar.zst': zstdChunks } as const;

/** Passes pieces on and counts and sums what went by. */
function tally() {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* pass(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { pass, result: () => ({ bytes, sha256: hash.digest('hex') }) };
}

/** Writes an archive in pieces to `file`: however large its entries are, little memory is held. */
export async function writeArchive(
  file: string,
  entries: readonly ArchiveEntry[],
  { format, mtimeSeconds }: ArchiveOptions,
): Promise<WrittenArchive> {
  const [unpacked, packed] = [tally(), tally()];
  const chunks =
    format === 'zip'
      ? unpacked.pass(zipChunks(entries, mtimeSeconds))
      : compress[format](unpacked.pass(tarChunks(entries, mtimeSeconds)));
  await pipeline(packed.pass(chunks), createWriteStream(file));
  return { ...packed.result(), unpackedSha256: unpacked.result().sha256 };
}

/** A small archive of `entries`, held whole: the same bytes as `writeArchive` writes. */
export async function archive(
  entries: readonly ArchiveEntry[],
  { format, mtimeSeconds }: ArchiveOptions,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const source =
    format === 'zip'
      ? zipChunks(entries, mtimeSeconds)
      : compress[format](tarChunks(entries, mtimeSeconds));
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
