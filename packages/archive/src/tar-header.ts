/** Bytes of a header and of the blocks that content is filled up to. */
export const blockBytes = 512;

/** What the header of a tar entry says. */
export interface TarHeader {
  /** With the prefix of its format before it. */
  name: string;
  /** The typeflag: one character. */
  type: string;
  /** Permission bits, and in odd archives the kind of file above them. */
  mode: number;
  /** Bytes of content; some types have none whatever it says. */
  size: number;
}

/** The text of a field up to its first NUL. */
export function nulEnded(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

/** Octal digits, filled up with spaces or NULs before or after. */
function octal(field: Buffer): number {
  const trimmed = field.toString('latin1').replace(/^[ \0]+/, '');
  const [digits = ''] = trimmed.replace(/[ \0]+$/, '').split('\0');
  if (!/^[0-7]*$/.test(digits)) throw new Error('a number of its header is none');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Octal digits, or with the first bit set a two's complement of the whole field (GNU). */
function numeric(field: Buffer): number {
  const first = field[0] ?? 0;
  if ((first & 0x80) === 0) return octal(field);
  const isNegative = (first & 0x40) !== 0;
  const bytes = field.map((byte) => (isNegative ? ~byte : byte));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  if (value >= 2 ** 63) throw new Error('a number of its header is too large');
  return isNegative ? -1 - value : value;
}

/** POSIX asks for the sum of unsigned bytes; old tars took signed ones. */
function hasItsChecksum(block: Buffer): boolean {
  let unsigned = 0;
  let signed = 0;
  // 100,000 headers: a closure for each byte took four times as long.
  for (let at = 0; at < block.length; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  const noted = octal(block.subarray(148, 156));
  return noted === unsigned || noted === signed;
}

type Format = 'v7' | 'ustar' | 'star' | 'gnu';

function formatOf(block: Buffer): Format {
  const magic = block.toString('latin1', 257, 265);
  if (magic.startsWith('ustar\0'))
    return block.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
  return magic === 'ustar  \0' ? 'gnu' : 'v7';
}

/**
 * GNU has two times where the others have a prefix. Go before 1.8 wrote a prefix into them all the same
 * (golang/go#12594), and still reads it when they are no times.
 */
function prefixOfGnu(block: Buffer): string {
  try {
    for (const at of [345, 357]) if (block[at] !== 0) numeric(block.subarray(at, at + 12));
    return '';
  } catch {
    const prefix = nulEnded(block.subarray(345, 500));
    return /^[\u0001-\u007f]*$/.test(prefix) ? prefix : '';
  }
}

function prefixOf(block: Buffer, format: Format): string {
  if (format === 'ustar') return nulEnded(block.subarray(345, 500));
  if (format === 'star') return nulEnded(block.subarray(345, 476));
  return format === 'gnu' ? prefixOfGnu(block) : '';
}

/** Uid, gid, mtime; but for v7 the device's numbers; but for ustar and GNU two more times. */
function checkNumbers(block: Buffer, format: Format): void {
  const fields = [
    [108, 8],
    [116, 8],
    [136, 12],
  ] as [number, number][];
  if (format !== 'v7') fields.push([329, 8], [337, 8]);
  if (format === 'star') fields.push([476, 12], [488, 12]);
  for (const [at, length] of fields) numeric(block.subarray(at, at + length));
}

/**
 * The header in a block of 512 bytes, in the formats and with the leniency of Go's archive/tar
 * (readHeader in reader.go). Throws an Error when it is none.
 */
export function tarHeader(block: Buffer): TarHeader {
  if (!hasItsChecksum(block)) throw new Error('a header does not have its checksum');
  const format = formatOf(block);
  checkNumbers(block, format);
  const prefix = prefixOf(block, format);
  const name = nulEnded(block.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: block.toString('latin1', 156, 157),
    mode: numeric(block.subarray(100, 108)),
    size: numeric(block.subarray(124, 136)),
  };
}
