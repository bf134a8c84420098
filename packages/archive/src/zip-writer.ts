import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { inArchiveOrder, type ArchiveEntry } from './archive-entry.ts';

const deflateRaw = promisify(zlib.deflateRaw);

/** Date and time of MS-DOS in UTC; it begins in 1980 and counts in steps of two seconds. */
function dosTime(seconds: number): { date: number; time: number } {
  const moment = new Date(Math.max(seconds, 315_532_800) * 1000);
  return {
    date:
      ((moment.getUTCFullYear() - 1980) << 9) |
      ((moment.getUTCMonth() + 1) << 5) |
      moment.getUTCDate(),
    time:
      (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1),
  };
}

interface Member {
  name: Buffer;
  head: Buffer;
  packed: Buffer;
  externalAttributes: number;
}

async function member(entry: ArchiveEntry, seconds: number): Promise<Member> {
  const content = entry.content ?? new Uint8Array();
  const packed = await deflateRaw(content, { level: 6 });
  const name = Buffer.from(entry.path);
  const { date, time } = dosTime(seconds);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(0x0800, 2);
  head.writeUInt16LE(8, 4);
  head.writeUInt16LE(time, 6);
  head.writeUInt16LE(date, 8);
  head.writeUInt32LE(zlib.crc32(content), 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(content.length, 18);
  head.writeUInt16LE(name.length, 22);
  return { name, head, packed, externalAttributes: ((0o100000 | entry.mode) << 16) >>> 0 };
}

/**
 * A zip archive (APPNOTE 6.3) of files under 4 GiB: entries sorted by path, one time, permission bits
 * kept for Unix. The same entries give the same bytes with the same zlib.
 */
export async function zip(entries: readonly ArchiveEntry[], mtimeSeconds: number): Promise<Buffer> {
  const members = await Promise.all(
    inArchiveOrder(entries).map((entry) => member(entry, mtimeSeconds)),
  );
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, head, packed, externalAttributes } of members) {
    const start = [Buffer.from('PK\x03\x04', 'latin1'), head, name, packed];
    local.push(...start);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(externalAttributes, 6);
    tail.writeUInt32LE(offset, 10);
    // Made by: Unix (3), so that the permission bits count.
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), head, tail, name);
    offset += start.reduce((sum, part) => sum + part.length, 0);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
