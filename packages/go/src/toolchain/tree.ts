import { createHash } from 'node:crypto';

/** Tiles hold 2^8 hashes of one level of the tree. */
const tileHeight = 8;
const tileWidth = 1 << tileHeight;
const hashBytes = 32;

const sha256 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('sha256');
  parts.forEach((part) => hash.update(part));
  return hash.digest();
};

/** The hash of a record, a leaf of the tree (RFC 6962, section 2.1). */
export const recordHash = (record: Buffer): Buffer => sha256(Buffer.of(0), record);

const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right);

/** Reads a tile; the path is relative to the database's root. Undefined when there is none. */
export type ReadTile = (path: string) => Promise<Buffer | undefined>;

/** `tile/8/LEVEL/x001/x234/067` (go.dev/design/25530-sumdb). */
function tilePath(level: number, index: number, width: number): string {
  let digits = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    digits = `x${String(rest % 1000).padStart(3, '0')}/${digits}`;
  return `tile/${tileHeight}/${level}/${digits}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Reads hashes of a tree of `size` records out of its tiles, each tile once. */
function hashReader(size: number, readTile: ReadTile) {
  const tiles = new Map<string, Promise<Buffer>>();
  const readRow = async (row: number, index: number): Promise<Buffer> => {
    const hashesInRow = Math.floor(size / 2 ** (tileHeight * row));
    const width = Math.min(tileWidth, hashesInRow - index * tileWidth);
    const path = tilePath(row, index, width);
    // A partial tile may be gone once its full form exists, of which it is the beginning.
    const data =
      (await readTile(path)) ??
      (width === tileWidth ? undefined : await readTile(tilePath(row, index, tileWidth)));
    if (data === undefined || data.length < width * hashBytes)
      throw new Error(`the checksum database has no complete ${path}`);
    return data;
  };
  return async (level: number, index: number): Promise<Buffer> => {
    const row = Math.floor(level / tileHeight);
    const span = 2 ** (level - row * tileHeight);
    const first = index * span;
    const tileIndex = Math.floor(first / tileWidth);
    const key = `${row}/${tileIndex}`;
    const tile = tiles.get(key) ?? readRow(row, tileIndex);
    tiles.set(key, tile);
    const start = (first % tileWidth) * hashBytes;
    let hashes: Buffer[] = [];
    const data = await tile;
    for (let at = start; at < start + span * hashBytes; at += hashBytes)
      hashes.push(data.subarray(at, at + hashBytes));
    while (hashes.length > 1)
      hashes = hashes.flatMap((hash, i) =>
        i % 2 === 0 ? [nodeHash(hash, hashes[i + 1] ?? hash)] : [],
      );
    return hashes[0] ?? Buffer.alloc(0);
  };
}

/**
 * The root hash of a tree of `size` records, computed from `leaf` as record number `id` and otherwise
 * from tiles. It equals the signed root only when that record really is in the tree.
 */
export async function rootThroughRecord(
  size: number,
  id: number,
  leaf: Buffer,
  readTile: ReadTile,
): Promise<Buffer> {
  if (id >= size) throw new Error('the record is not in the signed tree');
  const read = hashReader(size, readTile);
  const subtrees: Promise<Buffer>[] = [];
  let start = 0;
  for (let level = Math.floor(Math.log2(size)); level >= 0; level -= 1) {
    const width = 2 ** level;
    if (Math.floor(size / width) % 2 === 0) continue;
    const climb = async (): Promise<Buffer> => {
      let hash = leaf;
      const siblings = Array.from({ length: level }, (_, up) => {
        const index = Math.floor(id / 2 ** up);
        return { index, hash: read(up, index % 2 === 0 ? index + 1 : index - 1) };
      });
      for (const { index, hash: sibling } of siblings)
        hash = index % 2 === 0 ? nodeHash(hash, await sibling) : nodeHash(await sibling, hash);
      return hash;
    };
    const inside = id >= start && id < start + width;
    subtrees.push(inside ? climb() : read(level, start / width));
    start += width;
  }
  const hashes = await Promise.all(subtrees);
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}
