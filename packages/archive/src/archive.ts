import type { ArchiveEntry } from './archive-entry.ts';
import { gzip } from './gzip.ts';
import { tar } from './tar-writer.ts';
import { zip } from './zip-writer.ts';

/** The formats that archives are written in. */
export type ArchiveFormat = 'tar.gz' | 'zip';

/** An archive of `entries`, which gives the same bytes for the same entries. */
export async function archive(
  entries: readonly ArchiveEntry[],
  options: { format: ArchiveFormat; mtimeSeconds: number },
): Promise<Buffer> {
  const { format, mtimeSeconds } = options;
  return format === 'zip' ? zip(entries, mtimeSeconds) : gzip(await tar(entries, mtimeSeconds));
}
