import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);
const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const maxFileBytes = 500 * 1024 * 1024;

interface ZipEntry {
  name: string;
  method: number;
  packedBytes: number;
  bytes: number;
  offset: number;
}

/** The central directory of a zip (PKWARE's APPNOTE, section 4.3). Module zips are never zip64. */
function readDirectory(zip: Buffer): ZipEntry[] {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== endOfDirectory) end -= 1;
  if (end < 0) throw new Error('it is not a complete zip file');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== directoryEntry)
      throw new Error('its directory is damaged');
    const nameLength = zip.readUInt16LE(at + 28);
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      method: zip.readUInt16LE(at + 10),
      packedBytes: zip.readUInt32LE(at + 20),
      bytes: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

async function readEntry(zip: Buffer, entry: ZipEntry): Promise<Buffer> {
  const { offset, packedBytes, bytes, method, name } = entry;
  if (offset + 30 > zip.length || bytes > maxFileBytes) throw new Error(`${name} is damaged`);
  const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
  const packed = zip.subarray(start, start + packedBytes);
  if (method !== 0 && method !== 8) throw new Error(`${name} is packed in an unknown way`);
  const data =
    method === 0 ? packed : await inflate(packed, { maxOutputLength: Math.max(bytes, 1) });
  if (data.length !== bytes) throw new Error(`${name} has another size than it says`);
  return data;
}

/** The path inside the module, or undefined when the name could lead anywhere else. */
function safePath(name: string, prefix: string): string | undefined {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  const parts = rest.split('/');
  const bad = (part: string): boolean => part === '' || part === '.' || part === '..';
  return parts.some(bad) || /[\\:\u0000-\u001f]/.test(rest) ? undefined : rest;
}

const isProgram = (file: string): boolean =>
  /^(bin|pkg\/tool)\//.test(file) || /^lib\/(.*\/)?go_[^/]+_[^/]+_exec$/.test(file);

/** Go's own `_go.mod` in a toolchain zip stands for `go.mod` (go/src/cmd/go/internal/toolchain/select.go). */
const installedName = (file: string): string => file.replace(/(^|\/)_go\.mod$/, '$1go.mod');

/**
 * Unpacks a toolchain's module zip into `folder` and returns the `h1:` checksum of what it held
 * (golang.org/x/mod/sumdb/dirhash). The caller uses the folder only when that is the right one.
 */
export async function unpackToolchainZip(
  file: string,
  prefix: string,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const zip = await fs.readFile(file);
  const entries = readDirectory(zip);
  const lines: { name: string; line: string }[] = [];
  const folders = new Map<string, Promise<unknown>>();
  const place = async (entry: ZipEntry): Promise<void> => {
    const inside = safePath(entry.name, prefix);
    if (inside === undefined)
      throw new Error(`its file name ${JSON.stringify(entry.name)} is not safe`);
    const data = await readEntry(zip, entry);
    const digest = createHash('sha256').update(data).digest('hex');
    lines.push({ name: entry.name, line: `${digest}  ${entry.name}\n` });
    const target = path.join(folder, ...installedName(inside).split('/'));
    const parent = path.dirname(target);
    const made = folders.get(parent) ?? fs.mkdir(parent, { recursive: true });
    folders.set(parent, made);
    await made;
    await fs.writeFile(target, data, { flag: 'wx', mode: isProgram(inside) ? 0o755 : 0o644 });
  };
  const queue = entries.values();
  const worker = async (): Promise<void> => {
    for (const entry of queue) {
      signal.throwIfAborted();
      await place(entry);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: 12 }, worker));
  for (const one of workers) if (one.status === 'rejected') throw one.reason;
  const sorted = lines.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const list = createHash('sha256');
  for (const { line } of sorted) list.update(line);
  return `h1:${list.digest('base64')}`;
}
