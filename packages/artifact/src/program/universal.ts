import { createReadStream, createWriteStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ActionError } from '@slipway/runtime';

// mach-o/fat.h and mach-o/loader.h of Darwin.
const fatMagic = 0xcafebabe;
const machO64 = 0xfeedfacf;
const fatHeaderBytes = 8;
const fatEntryBytes = 20;
/** The page of Apple's own processors: what a slice must begin at to be mapped. */
const alignment = 14;
const page = 2 ** alignment;
const most32 = 0xffff_ffff;

/** A program for one processor in a universal one. */
interface Slice {
  file: string;
  bytes: number;
  cpuType: number;
  cpuSubtype: number;
  offset: number;
}

async function readSlice(file: string): Promise<Omit<Slice, 'offset'>> {
  const handle = await fs.open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    if (bytesRead < 12 || buffer.readUInt32LE(0) !== machO64)
      throw new ActionError(`${file} is no 64-bit Mach-O program, so no universal one has it.`);
    const { size: bytes } = await handle.stat();
    return { file, bytes, cpuType: buffer.readUInt32LE(4), cpuSubtype: buffer.readUInt32LE(8) };
  } finally {
    await handle.close();
  }
}

async function* chunks(slices: readonly Slice[]): AsyncGenerator<Uint8Array, void> {
  const header = Buffer.alloc(fatHeaderBytes + fatEntryBytes * slices.length);
  header.writeUInt32BE(fatMagic, 0);
  header.writeUInt32BE(slices.length, 4);
  for (const [index, { cpuType, cpuSubtype, offset, bytes }] of slices.entries())
    for (const [field, value] of [cpuType, cpuSubtype, offset, bytes, alignment].entries())
      header.writeUInt32BE(value, fatHeaderBytes + fatEntryBytes * index + 4 * field);
  yield header;
  let at = header.length;
  for (const { file, bytes, offset } of slices) {
    yield Buffer.alloc(offset - at);
    yield* createReadStream(file) as AsyncIterable<Buffer>;
    at = offset + bytes;
  }
}

/**
 * Writes one macOS program that holds `programs`, each for another processor and unchanged: their ad-hoc
 * signatures, which count from where a slice begins, stay valid. Throws ActionError for what is no 64-bit
 * Mach-O file, and for 4 GiB and more, which the format's offsets do not hold.
 */
export async function writeUniversal(file: string, programs: readonly string[]): Promise<void> {
  const slices: Slice[] = [];
  let end = fatHeaderBytes + fatEntryBytes * programs.length;
  for (const program of programs) {
    const slice = await readSlice(program);
    const offset = Math.ceil(end / page) * page;
    slices.push({ ...slice, offset });
    end = offset + slice.bytes;
  }
  if (end > most32)
    throw new ActionError(
      `${file} would be larger than the 4 GiB that a universal program holds.`,
      {
        next: 'Set universal to false.',
      },
    );
  await pipeline(chunks(slices), createWriteStream(file, { mode: 0o755 }));
}
