/** A file or folder that goes into an archive or an image layer. */
export interface ArchiveEntry {
  /** Relative, with `/`. A folder ends with `/`. */
  path: string;
  content?: Uint8Array;
  /** Permission bits, for example 0o755. */
  mode: number;
}

/** A regular file that was read from an archive. */
export interface ArchivedFile {
  /** Relative, with `/`, and never out of the folder that it is unpacked in. */
  path: string;
  content: Buffer;
}

/** The entries in the order in which archives hold them, the same on every machine. */
export function inArchiveOrder(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return [...entries].sort((a, b) => {
    if (a.path === b.path) return 0;
    return a.path < b.path ? -1 : 1;
  });
}
