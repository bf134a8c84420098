import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Blobs on disk, put whole or in blocks as Azure's block blobs are. */
export interface BlobStore {
  put(id: number, body: AsyncIterable<Buffer>): Promise<void>;
  putBlock(id: number, blockId: string, body: AsyncIterable<Buffer>): Promise<void>;
  /** Joins blocks in the order of the list. Throws when one was never put. */
  commit(id: number, blockIds: readonly string[]): Promise<void>;
  /** Undefined when there is no such blob. */
  size(id: number): Promise<number | undefined>;
  file(id: number): string;
  remove(id: number): Promise<void>;
}

/** A store in `folder`, which must exist. */
export function createBlobStore(folder: string): BlobStore {
  const file = (id: number): string => path.join(folder, `${id}.blob`);
  const block = (id: number, blockId: string): string =>
    path.join(folder, `${id}.${createHash('sha256').update(blockId).digest('hex').slice(0, 24)}`);
  const write = async (target: string, body: AsyncIterable<Buffer>): Promise<void> => {
    const unique = `${target}.${Math.random().toString(36).slice(2)}.part`;
    try {
      await pipeline(body, createWriteStream(unique));
      await fs.rename(unique, target);
    } catch (error) {
      await fs.rm(unique, { force: true });
      throw error;
    }
  };
  return {
    file,
    put: (id, body) => write(file(id), body),
    putBlock: (id, blockId, body) => write(block(id, blockId), body),
    commit: async (id, blockIds) => {
      const whole = await fs.open(`${file(id)}.join`, 'w');
      try {
        for (const blockId of blockIds)
          await whole.writeFile(await fs.readFile(block(id, blockId)));
      } finally {
        await whole.close();
      }
      await fs.rename(`${file(id)}.join`, file(id));
      for (const blockId of blockIds) await fs.rm(block(id, blockId), { force: true });
    },
    size: (id) =>
      fs.stat(file(id)).then(
        ({ size }) => size,
        () => undefined,
      ),
    remove: (id) => fs.rm(file(id), { force: true }),
  };
}
