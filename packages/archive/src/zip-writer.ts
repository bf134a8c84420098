import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { count, formatSize, quoted } from '@slipway/runtime';
import { inArchiveOrder, type ArchiveEntry } from './archive-entry.ts';
import { ArchiveError } from './archive-error.ts';

const deflateRaw = promisify(zlib.deflateRaw);

/** What two and four bytes hold: without zip64 no count, length, size or place is larger. */
const most16 = 0xffff;
const most32 = 0xffff_ffff;

const beginSeconds = Date.UTC(1980, 0) / 1000;
const endSeconds = Date.UTC(2108, 0) / 1000;

const unfit = (why: string, next: string): ArchiveError =>
  new ArchiveError('A zip archive', `cannot hold ${why}`, { next });

/**
 * Date and time of MS-DOS in UTC. It begins in 1980, which stands for all that was before, ends with
 * 2107 and counts in steps of two seconds.
 */
function dosTime(seconds: number): { date: number; time: number } {
  if (!(seconds < endSeconds))
    throw unfit(`the time ${seconds} (seconds since 1970)`, 'Give a time before the year 2108.');
  const moment = new Date(Math.max(seconds, beginSeconds) * 1000);
  return {
    date:
      ((moment.getUTCFullYear() - 1980) << 9) |
      ((moment.getUTCMonth() + 1) << 5) |
      moment.getUTCDate(),
    time:
      (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1),
  };
}

/** Throws ArchiveError for entries that do not fit into an archive without zip64. */
function checkFit(entries: readonly ArchiveEntry[]): void {
  if (entries.length > most16)
    throw unfit(count(entries.length, 'entry', 'entries'), `Give at most ${most16}.`);
  for (const { path, content } of entries) {
    if (Buffer.byteLength(path) > most16)
      throw unfit(`the name ${quoted(path)}`, `Give it at most ${most16} bytes.`);
    if (content !== undefined && content.length > most32)
      throw unfit(`${quoted(path)} of ${formatSize(content.length)}`, 'Take the format tar.gz.');
  }
}

interface Member {
  name: Buffer;
  /** What stands in front of the name, here as in the directory. */
  head: Buffer;
  packed: Buffer;
  externalAttributes: number;
}

const stored = 0;
const deflated = 8;
/** File types of Unix, and the attribute of MS-DOS for folders. */
const regularFile = 0o100000;
const folder = 0o040000;
const dosFolder = 0x10;

async function member(entry: ArchiveEntry, seconds: number): Promise<Member> {
  const isFolder = entry.path.endsWith('/');
  const content = entry.content ?? new Uint8Array();
  const packed = isFolder ? Buffer.alloc(0) : await deflateRaw(content, { level: 6 });
  const name = Buffer.from(entry.path);
  const { date, time } = dosTime(seconds);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(0x0800, 2);
  head.writeUInt16LE(isFolder ? stored : deflated, 4);
  head.writeUInt16LE(time, 6);
  head.writeUInt16LE(date, 8);
  head.writeUInt32LE(zlib.crc32(content), 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(content.length, 18);
  head.writeUInt16LE(name.length, 22);
  const mode = (((isFolder ? folder : regularFile) | entry.mode) << 16) >>> 0;
  return { name, head, packed, externalAttributes: isFolder ? mode + dosFolder : mode };
}

/**
 * A zip archive (APPNOTE 6.3) of files under 4 GiB: entries sorted by path, one time, permission bits
 * kept for Unix. The same entries give the same bytes with the same zlib. Throws ArchiveError for what
 * does not fit into one without zip64, before anything is packed where that can be told.
 */
export async function zip(entries: readonly ArchiveEntry[], mtimeSeconds: number): Promise<Buffer> {
  checkFit(entries);
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  // One after the other: zlib takes 0.3 MB for each that it packs, and a program is most of an archive.
  for (const entry of inArchiveOrder(entries)) {
    const { name, head, packed, externalAttributes } = await member(entry, mtimeSeconds);
    const start = [Buffer.from('PK\x03\x04', 'latin1'), head, name, packed];
    local.push(...start);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(externalAttributes, 6);
    tail.writeUInt32LE(offset, 10);
    // Made by: Unix (3), so that the permission bits count.
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), head, tail, name);
    offset += start.reduce((sum, part) => sum + part.length, 0);
    if (offset > most32) throw unfit(`more than ${formatSize(most32)}`, 'Take the format tar.gz.');
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
