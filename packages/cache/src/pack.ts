import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

const compress = promisify(zlib.zstdCompress);
const decompress = promisify(zlib.zstdDecompress);

/**
 * A pack is a cache entry's body: a magic word, the length of the header, the header (JSON), then
 * frames. Each frame is compressed by itself and holds whole files, so that frames can be fetched,
 * checked and unpacked in any order and at the same time.
 */
const magic = Buffer.from('SLIPPAK1');
const maxHeaderBytes = 2 * 1024 * 1024;
const maxFrameBytes = 1024 * 1024 * 1024;

/** Part of the cache version of every entry: packs of another format are never found. */
export const packVersion = createHash('sha256').update('slipway pack 1').digest('hex');

/** Where a frame lies, counted from the end of the header, and how to check it. */
export interface FrameInfo {
  bytes: number;
  rawBytes: number;
  codec: 'zstd' | 'none';
  /** SHA-256 of the packed bytes, hexadecimal. */
  sha256: string;
}

/** What a pack tells before its content. */
export interface PackHeader {
  files: number;
  rawBytes: number;
  frames: FrameInfo[];
}

/** One file of a pack; the path is relative, with slashes. */
export interface PackedFile {
  path: string;
  content: Buffer;
}

/** One frame out of whole files. Already compressed content is better left as it is (`none`). */
export async function encodeFrame(
  files: readonly PackedFile[],
  codec: FrameInfo['codec'],
): Promise<{ info: FrameInfo; body: Buffer }> {
  const pieces = files.flatMap(({ path, content }) => {
    const name = Buffer.from(path);
    const head = Buffer.alloc(6);
    head.writeUInt16LE(name.length, 0);
    head.writeUInt32LE(content.length, 2);
    return [head, name, content];
  });
  const raw = Buffer.concat(pieces);
  const body =
    codec === 'none'
      ? raw
      : await compress(raw, {
          params: { [zlib.constants.ZSTD_c_compressionLevel]: 3 },
        });
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { info: { bytes: body.length, rawBytes: raw.length, codec, sha256 }, body };
}

/** The files of a frame. Throws when its bytes are not those that were packed. */
export async function decodeFrame(info: FrameInfo, body: Buffer): Promise<PackedFile[]> {
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (sha256 !== info.sha256) throw new Error('a frame does not have its checksum');
  const raw =
    info.codec === 'none' ? body : await decompress(body, { maxOutputLength: info.rawBytes });
  const files: PackedFile[] = [];
  for (let at = 0; at < raw.length;) {
    const nameEnd = at + 6 + raw.readUInt16LE(at);
    const end = nameEnd + raw.readUInt32LE(at + 2);
    if (end > raw.length) throw new Error('a frame is damaged');
    files.push({
      path: raw.toString('utf8', at + 6, nameEnd),
      content: raw.subarray(nameEnd, end),
    });
    at = end;
  }
  return files;
}

/** The beginning of a pack. */
export function encodeHeader(header: PackHeader): Buffer {
  const json = zlib.zstdCompressSync(Buffer.from(JSON.stringify(header)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([magic, length, json]);
}

function isFrameInfo(value: unknown): value is FrameInfo {
  const { bytes, rawBytes, codec, sha256 } = value as Partial<FrameInfo>;
  const fits = (count: unknown): boolean =>
    Number.isSafeInteger(count) && Number(count) >= 0 && Number(count) <= maxFrameBytes;
  const known = codec === 'zstd' || codec === 'none';
  return fits(bytes) && fits(rawBytes) && known && typeof sha256 === 'string';
}

/** Reads the beginning of a pack. Undefined when `start` is too short to hold all of the header. */
export function decodeHeader(start: Buffer): { header: PackHeader; bytes: number } | undefined {
  if (start.length < magic.length + 4 || !start.subarray(0, magic.length).equals(magic))
    throw new Error('the entry is not a pack');
  const length = start.readUInt32LE(magic.length);
  if (length > maxHeaderBytes) throw new Error('the header of the pack is too long');
  const end = magic.length + 4 + length;
  if (start.length < end) return undefined;
  const json = zlib.zstdDecompressSync(start.subarray(magic.length + 4, end), {
    maxOutputLength: 16 * maxHeaderBytes,
  });
  const header = JSON.parse(json.toString()) as PackHeader;
  if (!Array.isArray(header.frames) || !header.frames.every(isFrameInfo))
    throw new Error('the header of the pack is damaged');
  return { header, bytes: end };
}
