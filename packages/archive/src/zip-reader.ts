import * as fs from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import type { ArchivedFile } from './archive-entry.ts';
import { quoted } from '@slipway/runtime';
import { ArchiveError, asArchiveError } from './archive-error.ts';
import { entryCounter, type ArchiveLimits } from './archive-limits.ts';
import { entryPath, unsafeName } from './entry-path.ts';

/** How a zip archive is read. */
export interface ReadZipOptions {
  /** The archive's name in messages; its file by default. */
  name?: string;
  limits: ArchiveLimits;
  /** Files that are unpacked; all by default. */
  only?: (path: string) => boolean;
  /** Files unpacked at the same time, which are in memory together: 12 by default, one at least. */
  atOnce?: number;
  signal?: AbortSignal;
}

const madeOnUnix = 3;
const fileTypeBits = 0o170000;
const regularFile = 0o100000;

function isRegularFile(entry: Entry): boolean {
  if (entry.fileName.endsWith('/')) return false;
  if (entry.versionMadeBy >> 8 !== madeOnUnix) return true;
  const type = (entry.externalFileAttributes >>> 16) & fileTypeBits;
  return type === 0 || type === regularFile;
}

/** Whether the directory goes on at `offset`, where by its own count it has ended. */
async function goesOn(file: string, offset: number): Promise<boolean> {
  const handle = await fs.open(file);
  try {
    const { buffer: bytes } = await handle.read({ buffer: Buffer.alloc(4), position: offset });
    return bytes.toString('latin1') === 'PK\x01\x02';
  } finally {
    await handle.close();
  }
}

/**
 * The regular files of the directory at the end of the archive, all of it checked before any is
 * unpacked. A directory of more entries than it counts, or of one name twice, means something else to
 * every tool.
 */
async function listFiles(
  zip: ZipFile,
  { file, name, limits }: { file: string; name: string; limits: ArchiveLimits },
): Promise<Entry[]> {
  const counted = entryCounter(name, limits);
  const files = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      counted(entry.uncompressedSize);
      if (!isRegularFile(entry)) continue;
      const { fileName } = entry;
      // Other than in tar files, `./a` and `a//b` are no habit of any tool.
      if (entryPath(name, fileName) !== fileName) throw unsafeName(name, fileName);
      if (files.has(fileName)) throw new ArchiveError(name, `holds ${quoted(fileName)} twice`);
      files.set(fileName, entry);
    }
    // Its types call it a boolean.
    if (await goesOn(file, Number(zip.readEntryCursor)))
      throw new ArchiveError(name, 'is damaged: its directory has more entries than it counts');
  } catch (error) {
    throw asArchiveError(name, error);
  }
  return [...files.values()];
}

/** One file, with the size (held by yauzl) and the checksum that the directory names. */
async function unpack(zip: ZipFile, name: string, entry: Entry): Promise<ArchivedFile> {
  const path = entry.fileName;
  let content: Buffer;
  try {
    content = await buffer(await zip.openReadStreamPromise(entry));
  } catch (error) {
    throw asArchiveError(name, error);
  }
  if (crc32(content) !== entry.crc32)
    throw new ArchiveError(name, `is damaged: ${path} does not have its checksum`);
  return { path, content };
}

/**
 * Calls `visit` for each regular file of a zip archive, several at the same time and in no certain
 * order. Folders and links are passed over. Throws ArchiveError, before the first visit where it can,
 * when the archive is damaged, cut off, above the limits or holds a name that is not safe; what `visit`
 * throws; and the signal's reason. Visits that have begun are waited for.
 */
export async function readZip(
  file: string,
  options: ReadZipOptions,
  visit: (file: ArchivedFile) => Promise<void>,
): Promise<void> {
  const { name = file, limits, only = () => true, atOnce = 12, signal } = options;
  const zip = await openPromise(file, { strictFileNames: true, autoClose: false }).catch(
    (error: unknown) => {
      throw asArchiveError(name, error);
    },
  );
  try {
    const files = await listFiles(zip, { file, name, limits });
    signal?.throwIfAborted();
    const waiting = files.filter(({ fileName }) => only(fileName)).values();
    const stop = new AbortController();
    const work = async (): Promise<void> => {
      for (const entry of waiting) {
        signal?.throwIfAborted();
        if (stop.signal.aborted) return;
        await visit(await unpack(zip, name, entry));
      }
    };
    const workers = Array.from({ length: Math.max(1, atOnce) }, () =>
      work().catch((error: unknown) => stop.abort(error)),
    );
    await Promise.all(workers);
    stop.signal.throwIfAborted();
  } finally {
    zip.close();
  }
}
