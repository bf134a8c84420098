import { createGunzip } from 'node:zlib';
import type { ArchivedFile } from './archive-entry.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import { entryPath } from './entry-path.ts';
import { tarEntries, type TarEntry } from './tar-entries.ts';

/** Old tars wrote NUL, and some write 7 for files that were to lie in one piece on the disk. */
const isRegularFile = ({ name, type, isFolder }: TarEntry): boolean =>
  /[0\0]|7/.test(type) && !isFolder && !name.endsWith('/');

/**
 * The entries of a .tar.gz of every kind, in order, with their names as they are written. Nothing of it is kept but
 * what is asked for. `name` is the archive's, for messages. Throws ArchiveError when it is no gzip or
 * no tar, damaged, cut off or above the limits.
 */
export function readTarGzEntries(
  archive: Uint8Array,
  options: { name: string; limits: ArchiveLimits },
): AsyncIterable<TarEntry> {
  const unzipped = createGunzip({ chunkSize: 128 * 1024 });
  unzipped.end(archive);
  return tarEntries(unzipped, options);
}

/**
 * The regular files of a .tar.gz, in order, those whose path `only` takes. Folders, links and devices
 * are never returned. Throws ArchiveError as `readTarGzEntries` does, and for a file whose name is not safe.
 */
export async function readTarGz(
  archive: Uint8Array,
  options: { name: string; limits: ArchiveLimits; only?: (path: string) => boolean },
): Promise<ArchivedFile[]> {
  const { name, only = () => true } = options;
  const files: ArchivedFile[] = [];
  for await (const entry of readTarGzEntries(archive, options)) {
    if (!isRegularFile(entry)) continue;
    const path = entryPath(name, entry.name);
    if (only(path)) files.push({ path, content: await entry.content() });
  }
  return files;
}
