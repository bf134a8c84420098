import { packTar } from 'modern-tar';
import { inArchiveOrder, type ArchiveEntry } from './archive-entry.ts';

/** Who owns the entries says nothing about them, and differs between machines. */
const owner = { uid: 0, gid: 0, uname: '', gname: '' };

/**
 * A POSIX ustar archive: entries sorted by path, owner 0:0 without names, one time for all. The same
 * entries always give the same bytes. Only a path that no ustar header holds gets a pax record.
 */
export async function tar(entries: readonly ArchiveEntry[], mtimeSeconds: number): Promise<Buffer> {
  const mtime = new Date(mtimeSeconds * 1000);
  const packed = await packTar(
    inArchiveOrder(entries).map(({ path, content = new Uint8Array(), mode }) => {
      const isFolder = path.endsWith('/');
      const type = isFolder ? ('directory' as const) : ('file' as const);
      return {
        header: { name: path, type, size: content.length, mode, mtime, ...owner },
        ...(isFolder ? {} : { body: content }),
      };
    }),
  );
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
}
