import { createReadStream } from 'node:fs';
import { quoted } from '@slipway/runtime';
import { ArchiveError } from './archive-error.ts';

/** A file on disk as the content of an entry: read in pieces when its turn comes, never held whole. */
export interface StoredFile {
  file: string;
  bytes: number;
}

/** A file or folder that goes into an archive or an image layer. */
export interface ArchiveEntry {
  /** Relative, with `/`. A folder ends with `/`. */
  path: string;
  content?: Uint8Array | StoredFile;
  /** Permission bits, for example 0o755. */
  mode: number;
  /** User and group by number, where a tar archive says whose it is; root without. */
  owner?: number;
}

/** A regular file that was read from an archive. */
export interface ArchivedFile {
  /** Relative, with `/`, and never out of the folder that it is unpacked in. */
  path: string;
  content: Buffer;
}

/**
 * The entries in the order in which archives hold them, the same on every machine. Throws ArchiveError
 * for two of one path, of which only the later would be left.
 */
export function inArchiveOrder(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return [...entries].sort((a, b) => {
    if (a.path === b.path)
      throw new ArchiveError('An archive', `cannot hold ${quoted(a.path)} twice`, {
        next: 'Give each entry a path of its own.',
      });
    return a.path < b.path ? -1 : 1;
  });
}

/** The length of an entry's content in bytes. */
export function contentLength({ content }: ArchiveEntry): number {
  if (content === undefined) return 0;
  return content instanceof Uint8Array ? content.length : content.bytes;
}

/**
 * The content of an entry in pieces. Throws ArchiveError when a file is longer or shorter than its
 * entry says: the header with its length is written by then.
 */
export async function* contentChunks({
  path,
  content,
}: ArchiveEntry): AsyncGenerator<Uint8Array, void> {
  if (content === undefined) return;
  if (content instanceof Uint8Array) {
    yield content;
    return;
  }
  let total = 0;
  const stream = createReadStream(content.file, { highWaterMark: 256 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    total += chunk.length;
    yield chunk;
  }
  if (total !== content.bytes)
    throw new ArchiveError('An archive', `cannot hold ${quoted(path)}, which changed meanwhile`, {
      next: 'Let no other step write the file while it is packed.',
    });
}
