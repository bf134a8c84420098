/** A file or folder of an archive or image layer. */
export interface TarEntry {
  /** Relative, with `/`. A folder ends with `/`. */
  path: string;
  content?: Uint8Array;
  /** Permission bits, for example 0o755. */
  mode: number;
}

const block = 512;

function octal(value: number, width: number): string {
  const digits = Math.floor(value).toString(8);
  if (digits.length > width - 1) throw new RangeError(`${value} does not fit a tar header.`);
  return `${digits.padStart(width - 1, '0')}\0`;
}

function splitName(name: string): { name: string; prefix: string } {
  if (Buffer.byteLength(name) <= 100) return { name, prefix: '' };
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const rest = name.slice(at + 1);
    if (rest !== '' && Buffer.byteLength(rest) <= 100 && at <= 155)
      return { name: rest, prefix: name.slice(0, at) };
  }
  throw new RangeError(`The path ${JSON.stringify(name)} is too long for a tar archive.`);
}

function header(entry: TarEntry, mtimeSeconds: number): Buffer {
  const bytes = Buffer.alloc(block);
  const { name, prefix } = splitName(entry.path);
  const isFolder = entry.path.endsWith('/');
  bytes.write(name, 0, 100);
  bytes.write(octal(entry.mode, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(entry.content?.length ?? 0, 12), 124);
  bytes.write(octal(mtimeSeconds, 12), 136);
  bytes.write(' '.repeat(8), 148);
  bytes.write(isFolder ? '5' : '0', 156);
  bytes.write('ustar\0' + '00', 257);
  bytes.write(prefix, 345, 155);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/**
 * A POSIX ustar archive: entries sorted by path, owner 0:0 without names, one time for all. The same
 * entries always give the same bytes.
 */
export function tar(entries: readonly TarEntry[], mtimeSeconds: number): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const parts = sorted.flatMap((entry) => {
    const content = entry.content ?? new Uint8Array();
    const padding = (block - (content.length % block)) % block;
    return [header(entry, mtimeSeconds), content, Buffer.alloc(padding)];
  });
  return Buffer.concat([...parts, Buffer.alloc(block * 2)]);
}
