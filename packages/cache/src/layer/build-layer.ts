import type { Dirent } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Layer, LayerFile } from './layer.ts';

const objectPath = /^[0-9a-f]{2}\/[0-9a-f]{64}-[ad]$/;
const outputPath = /^[0-9a-f]{2}\/([0-9a-f]{64})-d$/;
const hourMs = 3_600_000;

/**
 * The go command renews a used object's time only when it is older than an hour
 * (go/src/cmd/go/internal/cache, mtimeInterval). Restored objects get a time well before that, so that
 * afterwards "not older than an hour before the job" means used or made by this job, exactly.
 */
const restoredAgeMs = 24 * hourMs;

/**
 * GOCACHE: `xx/HASH-a` (an action's result) and `xx/HASH-d` (its output). Fuzzing data stays out. An output has the
 * SHA-256 that its name is. The go command looks at the size alone when it takes a compiled package from its cache
 * (go/src/cmd/go/internal/cache: GetFile), so a changed one would be linked.
 */
export function buildLayer(folder: string, { startMs }: { startMs: number }): Layer {
  return {
    name: 'build',
    folder,
    accepts: (file) => objectPath.test(file),
    isIntact: (file, sha256) => (outputPath.exec(file)?.[1] ?? sha256) === sha256,
    restoredMtimeMs: startMs - restoredAgeMs,
  };
}

const subfolders = async (folder: string): Promise<Dirent[]> =>
  (await fs.readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])).filter(
    (entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name),
  );

/** Objects that this job used or made; those that it left alone are dropped from entries in time. */
export async function usedObjects(folder: string, startMs: number): Promise<LayerFile[]> {
  const used: LayerFile[] = [];
  for (const { name } of await subfolders(folder)) {
    const files = await fs.readdir(path.join(folder, name));
    const stats = await Promise.all(
      files
        .map((file) => `${name}/${file}`)
        .filter((file) => objectPath.test(file))
        .map(async (file) => ({
          file,
          stat: await fs.lstat(path.join(folder, file)).catch(() => undefined),
        })),
    );
    for (const { file, stat } of stats)
      if (stat?.isFile() === true && stat.mtimeMs >= startMs - hourMs)
        used.push({ path: file, bytes: stat.size, timeMs: stat.mtimeMs });
  }
  return used;
}

/** Whether a build cache is already well filled, as on a machine that keeps it between jobs. */
export async function isWarmBuildCache(folder: string): Promise<boolean> {
  let objects = 0;
  for (const { name } of (await subfolders(folder)).slice(0, 16))
    objects += (await fs.readdir(path.join(folder, name))).length;
  return objects >= 64;
}
