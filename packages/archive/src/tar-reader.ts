import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import type { ArchivedFile } from './archive-entry.ts';
import { asArchiveError } from './archive-error.ts';
import { entryCounter, tooLarge, type ArchiveLimits } from './archive-limits.ts';
import { entryPath } from './entry-path.ts';

const unzip = promisify(gunzip);

async function unzipped(
  archive: Uint8Array,
  { name, limits }: { name: string; limits: ArchiveLimits },
): Promise<Buffer> {
  try {
    return await unzip(archive, { maxOutputLength: limits.bytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(name, limits) : asArchiveError(name, error);
  }
}

/**
 * The regular files of a .tar.gz, in order, those whose path `only` takes. Folders, links and devices
 * are never returned. `name` is the archive's, for messages. Throws ArchiveError when it is no gzip or
 * no tar, damaged, cut off, above the limits, or holds a file whose name is not safe.
 */
export async function readTarGz(
  archive: Uint8Array,
  options: { name: string; limits: ArchiveLimits; only?: (path: string) => boolean },
): Promise<ArchivedFile[]> {
  const { name, limits, only = () => true } = options;
  const bytes = await unzipped(archive, { name, limits });
  const counted = entryCounter(name, limits);
  try {
    const entries = await unpackTar(bytes, {
      // Without it a damaged header passes and what is cut off is filled with nothing.
      strict: true,
      filter: (header) => {
        counted(header.size);
        return header.type === 'file' && only(entryPath(name, header.name));
      },
    });
    return entries.map(({ header, data = new Uint8Array() }) => ({
      path: entryPath(name, header.name),
      content: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    }));
  } catch (error) {
    throw asArchiveError(name, error);
  }
}
