import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { count, formatSize, quoted } from '@slipway/runtime';
import {
  contentChunks,
  contentLength,
  inArchiveOrder,
  type ArchiveEntry,
} from './archive-entry.ts';
import { ArchiveError } from './archive-error.ts';

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
  for (const entry of entries) {
    const { path } = entry;
    const bytes = contentLength(entry);
    if (Buffer.byteLength(path) > most16)
      throw unfit(`the name ${quoted(path)}`, `Give it at most ${most16} bytes.`);
    if (bytes > most32)
      throw unfit(`${quoted(path)} of ${formatSize(bytes)}`, 'Take the format tar.gz.');
  }
}

const stored = 0;
const deflated = 8;
/** Names are UTF-8. */
const utf8 = 0x0800;
/** Checksum and lengths stand behind the content, since they are not known before it is packed. */
const describedBehind = 0x0008;
/** File types of Unix, and the attribute of MS-DOS for folders. */
const regularFile = 0o100000;
const folder = 0o040000;
const dosFolder = 0x10;

/** What is known of a file when its content was packed. */
interface Packed {
  crc: number;
  packedBytes: number;
  bytes: number;
}

/** Checksum and lengths, as they stand behind a file and in the directory. */
function description({ crc, packedBytes, bytes }: Packed): Buffer {
  const described = Buffer.alloc(12);
  described.writeUInt32LE(crc, 0);
  described.writeUInt32LE(packedBytes, 4);
  described.writeUInt32LE(bytes, 8);
  return described;
}

/** The part of a header that is the same in front of the content and in the directory. */
function header(entry: ArchiveEntry, seconds: number, packed: Packed): Buffer {
  const isFolder = entry.path.endsWith('/');
  const { date, time } = dosTime(seconds);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(isFolder ? utf8 : utf8 | describedBehind, 2);
  head.writeUInt16LE(isFolder ? stored : deflated, 4);
  head.writeUInt16LE(time, 6);
  head.writeUInt16LE(date, 8);
  description(packed).copy(head, 10);
  head.writeUInt16LE(Buffer.byteLength(entry.path), 22);
  return head;
}

/** The content of a file, packed; returns what stands behind it. */
async function* packContent(entry: ArchiveEntry): AsyncGenerator<Uint8Array, Packed> {
  let [crc, bytes, packedBytes] = [0, 0, 0];
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of contentChunks(entry)) {
      crc = zlib.crc32(chunk, crc);
      bytes += chunk.length;
      yield chunk;
    }
  }
  const packer = zlib.createDeflateRaw({ level: 6, chunkSize: 64 * 1024 });
  const feeding = pipeline(Readable.from(counted(), { objectMode: true }), packer);
  // Its error is thrown by the loop, too; nobody awaits it when the reader leaves the loop early.
  feeding.catch(() => undefined);
  for await (const chunk of packer as AsyncIterable<Buffer>) {
    packedBytes += chunk.length;
    yield chunk;
  }
  await feeding;
  return { crc, packedBytes, bytes };
}

/** How the directory at the end of the archive names an entry that begins at `offset`. */
function directoryEntry(entry: ArchiveEntry, head: Buffer, offset: number): Buffer {
  const isFolder = entry.path.endsWith('/');
  const mode = (((isFolder ? folder : regularFile) | entry.mode) << 16) >>> 0;
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(isFolder ? mode + dosFolder : mode, 6);
  tail.writeUInt32LE(offset, 10);
  // Made by: Unix (3), so that the permission bits count.
  const madeBy = Buffer.from('PK\x01\x02\x14\x03', 'latin1');
  return Buffer.concat([madeBy, head, tail, Buffer.from(entry.path)]);
}

/**
 * A zip archive (APPNOTE 6.3) of files under 4 GiB in pieces: entries sorted by path, one time, permission
 * bits kept for Unix. The same entries give the same bytes with the same zlib. Throws ArchiveError for
 * what does not fit into one without zip64, before anything is packed where that can be told.
 */
export async function* zipChunks(
  entries: readonly ArchiveEntry[],
  mtimeSeconds: number,
): AsyncGenerator<Uint8Array, void> {
  checkFit(entries);
  const central: Buffer[] = [];
  const nothing: Packed = { crc: 0, packedBytes: 0, bytes: 0 };
  let offset = 0;
  // One after the other: zlib takes 0.3 MB for each that it packs, and a program is most of an archive.
  for (const entry of inArchiveOrder(entries)) {
    const start = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      header(entry, mtimeSeconds, nothing),
      Buffer.from(entry.path),
    ]);
    yield start;
    let end = offset + start.length;
    let packed = nothing;
    if (!entry.path.endsWith('/')) {
      packed = yield* packContent(entry);
      const behind = Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), description(packed)]);
      yield behind;
      end += packed.packedBytes + behind.length;
    }
    central.push(directoryEntry(entry, header(entry, mtimeSeconds, packed), offset));
    offset = end;
    if (offset > most32) throw unfit(`more than ${formatSize(most32)}`, 'Take the format tar.gz.');
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  yield directory;
  yield end;
}
