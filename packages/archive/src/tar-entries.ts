import { quoted } from '@slipway/runtime';
import { ArchiveError, asArchiveError } from './archive-error.ts';
import { entryCounter, tooLarge, type ArchiveLimits } from './archive-limits.ts';
import { byteReader, type ByteReader } from './byte-reader.ts';
import { checkPaxNumbers, paxRecords } from './pax-records.ts';
import { blockBytes, nulEnded, tarHeader, type TarHeader } from './tar-header.ts';

/** What a tar archive holds under one name. */
export interface TarEntry {
  /** As it is written there: it may lead anywhere. */
  name: string;
  /** Typeflag: `0` a regular file, `2` a symbolic link, `5` a folder, … */
  type: string;
  isFolder: boolean;
  /** What it holds, nothing for links and devices. To be asked for before the next entry is. */
  content(): Promise<Buffer>;
}

/** As much as archive/tar reads of a pax header or a long name (maxSpecialFileSize). */
const longestMeta = 1024 * 1024;
const folderBits = 0o40000;

/** Links, devices, folders and pipes have no content, whatever their size says. */
const hasContent = (type: string): boolean => !/[1-6]/.test(type);

/** What the headers before an entry say of it. */
interface Meta {
  pax: ReadonlyMap<string, string>;
  longName: string;
}

const noMeta: Meta = { pax: new Map(), longName: '' };

/** A global pax header says nothing of any entry for Go, and ends what was said of the next one. */
function withMeta(meta: Meta, type: string, body: Buffer): Meta {
  if (type === 'L') return { ...meta, longName: nulEnded(body) };
  if (type === 'K') return meta;
  const pax = paxRecords(body);
  return type === 'x' ? { ...meta, pax } : noMeta;
}

function described(header: TarHeader, { pax, longName }: Meta): TarHeader {
  checkPaxNumbers(pax);
  const name = longName === '' ? (pax.get('path') ?? header.name) : longName;
  const isOldFolder = header.type === '\0' && name.endsWith('/');
  const type = isOldFolder ? '5' : header.type;
  return { ...header, name, type, size: Number(pax.get('size') ?? header.size) };
}

const isSparse = ({ type }: TarHeader, { pax }: Meta): boolean =>
  type === 'S' ||
  [...pax.keys()].some((key) => /^GNU\.sparse\.(?:major|minor|map|offset)$/.test(key));

const emptyBlock = Buffer.alloc(blockBytes);

/** The next header; undefined at the end: two empty blocks, or the end of the bytes. */
async function nextHeader(bytes: ByteReader): Promise<TarHeader | undefined> {
  const block = await bytes.take(blockBytes);
  if (block.length === 0) return undefined;
  if (block.length < blockBytes) throw new Error('it ends within a header');
  if (!block.equals(emptyBlock)) return tarHeader(block);
  const second = await bytes.take(blockBytes);
  if (second.length > 0 && !second.equals(emptyBlock))
    throw new Error('an empty block stands before a header');
  return undefined;
}

async function take(bytes: ByteReader, { name, size }: TarHeader): Promise<Buffer> {
  const taken = await bytes.take(size);
  if (taken.length < size) throw new Error(`it ends within ${quoted(name)}`);
  return taken;
}

/**
 * The entries of a tar archive, folders and links among them, in order and with the meaning that Go's
 * archive/tar gives them, so that what Helm reads is what is read here. Headers of every kind count
 * as entries. Throws ArchiveError when it is damaged, cut off or above the limits, and for sparse files.
 */
export async function* tarEntries(
  stream: AsyncIterable<Buffer>,
  { name: archive, limits }: { name: string; limits: ArchiveLimits },
): AsyncGenerator<TarEntry> {
  const bytes = byteReader(stream);
  const counted = entryCounter(archive, limits);
  const sized = (header: TarHeader): TarHeader => {
    const size = hasContent(header.type) ? header.size : 0;
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('a size is none');
    return { ...header, size };
  };
  let meta = noMeta;
  try {
    for (;;) {
      const raw = await nextHeader(bytes);
      if (raw === undefined) break;
      const isMeta = /[xgLK]/.test(raw.type);
      const header = sized(isMeta ? raw : described(raw, meta));
      const { name, type, mode, size } = header;
      counted(size);
      if (isMeta) {
        if (size > longestMeta) throw new Error('a header for a long name is too long');
        meta = withMeta(meta, type, await take(bytes, header));
      } else {
        if (isSparse(header, meta)) throw sparseFile(archive, name);
        meta = noMeta;
        let left = size;
        const isFolder = type === '5' || (mode & ~0o7777) === folderBits;
        const content = async (): Promise<Buffer> => {
          left = 0;
          return take(bytes, header).catch((error: unknown) => {
            throw asArchiveError(archive, error);
          });
        };
        yield { name, type, isFolder, content };
        if ((await bytes.skip(left)) < left) throw new Error(`it ends within ${quoted(name)}`);
      }
      await bytes.skip(-size & (blockBytes - 1));
    }
    // To its end, where the checksum of the whole stands.
    if ((await bytes.skip(limits.bytes + 1)) > limits.bytes) throw tooLarge(archive, limits);
  } catch (error) {
    throw asArchiveError(archive, error);
  }
}

function sparseFile(archive: string, name: string): ArchiveError {
  return new ArchiveError(archive, `holds ${quoted(name)} as a sparse file, which is not read`, {
    next: 'Pack it again without --sparse.',
  });
}
