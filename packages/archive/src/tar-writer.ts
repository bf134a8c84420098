import { packTar } from 'modern-tar';
import { inArchiveOrder, type ArchiveEntry } from './archive-entry.ts';

/** Who owns the files here says nothing about the entries, and differs between machines. */
const owners = (owner: number) => ({ uid: owner, gid: owner, uname: '', gname: '' });

/**
 * A POSIX ustar archive: entries sorted by path, owners by number alone, one time for all. The same
 * entries always give the same bytes. Only a path that no ustar header holds gets a pax record.
 */
export async function tar(entries: readonly ArchiveEntry[], mtimeSeconds: number): Promise<Buffer> {
  const mtime = new Date(mtimeSeconds * 1000);
  const packed = await packTar(
    inArchiveOrder(entries).map(({ path, content = new Uint8Array(), mode, owner = 0 }) => {
      const isFolder = path.endsWith('/');
      const type = isFolder ? ('directory' as const) : ('file' as const);
      return {
        header: { name: path, type, size: content.length, mode, mtime, ...owners(owner) },
        ...(isFolder ? {} : { body: content }),
      };
    }),
  );
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
}
