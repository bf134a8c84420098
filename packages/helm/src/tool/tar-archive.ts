import { gunzipSync } from 'node:zlib';

/** One regular file of an archive. */
export interface ArchiveEntry {
  path: string;
  content: Buffer;
}

const block = 512;
const maxUnpackedBytes = 256 * 1024 * 1024;

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

/** The `path` record of a pax header, which replaces the name field of the next entry. */
function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}

/**
 * The regular files of a .tgz, in order (ustar with the pax and GNU long-name extensions). Throws when
 * it is no gzip, is cut off, or unpacks to more than 256 MiB.
 */
export function readTarGz(archive: Buffer): readonly ArchiveEntry[] {
  const tar = gunzipSync(archive, { maxOutputLength: maxUnpackedBytes });
  const entries: ArchiveEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    if (header[0] === 0) break;
    const size = Number.parseInt(text(header, 124, 12).trim() || '0', 8);
    if (Number.isNaN(size) || at + block + size > tar.length)
      throw new Error('the archive is cut off or is no tar file');
    const content = tar.subarray(at + block, at + block + size);
    const kind = String.fromCharCode(header[156] ?? 0);
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = text(header, 0, 100);
    if (kind === 'x') longName = paxPath(content.toString('utf8')) ?? longName;
    else if (kind === 'L') longName = text(content, 0, content.length);
    else {
      if (kind === '0' || kind === '\0')
        entries.push({ path: longName ?? (prefix === '' ? name : `${prefix}/${name}`), content });
      longName = undefined;
    }
    at += block + Math.ceil(size / block) * block;
  }
  return entries;
}
