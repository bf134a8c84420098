import * as fs from 'node:fs/promises';

const programHeaderInterpreter = 3;
const headerBytes = 64;
/** No program has more headers; what says so is no program. */
const maxTableBytes = 1_048_576;

async function readAt(file: fs.FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Where the table of program headers is (System V ABI, ELF header); undefined for what is not ELF. */
function headerTable(header: Buffer) {
  if (header.length < headerBytes || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const is64 = header[4] === 2;
  const isLittle = header[5] === 1;
  const u16 = (at: number): number =>
    isLittle ? header.readUInt16LE(at) : header.readUInt16BE(at);
  const u32 = (bytes: Buffer, at: number): number =>
    isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const u64 = (at: number): number =>
    Number(isLittle ? header.readBigUInt64LE(at) : header.readBigUInt64BE(at));
  return {
    offset: is64 ? u64(32) : u32(header, 28),
    size: u16(is64 ? 54 : 42),
    count: u16(is64 ? 56 : 44),
    u32,
  };
}

/**
 * Whether a program's file is ELF and asks for a dynamic loader (PT_INTERP), which an image from scratch
 * does not have. Reads its headers alone.
 */
export async function needsLoader(programFile: string): Promise<boolean> {
  const file = await fs.open(programFile);
  try {
    const table = headerTable(await readAt(file, 0, headerBytes));
    if (table === undefined) return false;
    const { offset, size, count, u32 } = table;
    if (!Number.isSafeInteger(offset) || size * count > maxTableBytes) return false;
    const headers = await readAt(file, offset, size * count);
    for (let at = 0; at + 4 <= headers.length && size > 0; at += size)
      if (u32(headers, at) === programHeaderInterpreter) return true;
    return false;
  } finally {
    await file.close();
  }
}
