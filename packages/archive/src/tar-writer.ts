import { createTarPacker } from 'modern-tar';
import {
  contentChunks,
  contentLength,
  inArchiveOrder,
  type ArchiveEntry,
} from './archive-entry.ts';

/** Who owns the files here says nothing about the entries, and differs between machines. */
const owners = (owner: number) => ({ uid: owner, gid: owner, uname: '', gname: '' });

type Packer = ReturnType<typeof createTarPacker>['controller'];

/** One entry after the other, each piece only when there is room for it. */
async function pack(
  packer: Packer,
  entries: readonly ArchiveEntry[],
  mtimeSeconds: number,
): Promise<void> {
  const mtime = new Date(mtimeSeconds * 1000);
  for (const entry of entries) {
    const { path, mode, owner = 0 } = entry;
    const type = path.endsWith('/') ? ('directory' as const) : ('file' as const);
    const size = contentLength(entry);
    const body = packer.add({ name: path, type, size, mode, mtime, ...owners(owner) }).getWriter();
    for await (const chunk of contentChunks(entry)) await body.write(chunk);
    await body.close();
  }
  packer.finalize();
}

/**
 * A POSIX ustar archive in pieces: entries sorted by path, owners by number alone, one time for all. The
 * same entries always give the same bytes. Only a path that no ustar header holds gets a pax record.
 * Holds no more than 8 MiB of it at once. Throws ArchiveError for two entries of one path.
 */
export function tarChunks(
  entries: readonly ArchiveEntry[],
  mtimeSeconds: number,
): AsyncIterable<Uint8Array> {
  const ordered = inArchiveOrder(entries);
  const { readable, controller } = createTarPacker();
  // What fails here is what the reader of the stream is given.
  pack(controller, ordered, mtimeSeconds).catch((error: unknown) => controller.error(error));
  return readable as AsyncIterable<Uint8Array>;
}
