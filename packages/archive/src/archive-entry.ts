import { quoted } from '@slipway/runtime';
import { ArchiveError } from './archive-error.ts';

/** A file or folder that goes into an archive or an image layer. */
export interface ArchiveEntry {
  /** Relative, with `/`. A folder ends with `/`. */
  path: string;
  content?: Uint8Array;
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
