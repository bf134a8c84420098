import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { formatSize } from '@slipway/runtime';

/** Why so much does not fit, or undefined when it does. */
export function diskProblem(options: {
  folder: string;
  freeBytes: number;
  neededBytes: number;
  purpose: string;
}): string | undefined {
  const { folder, freeBytes, neededBytes, purpose } = options;
  if (freeBytes >= neededBytes) return undefined;
  return `${folder} has ${formatSize(freeBytes)} free and ${purpose} needs about ${formatSize(neededBytes)}: make room, or put the cache on another disk with SLIPWAY_CACHE=FOLDER.`;
}

/** Throws when the disk that `folder` is or will be on has not that much room. */
export async function requireDisk(
  folder: string,
  neededBytes: number,
  purpose: string,
): Promise<void> {
  let existing = path.resolve(folder);
  while (!existsSync(existing)) existing = path.dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  const problem = diskProblem({ folder, freeBytes: bavail * bsize, neededBytes, purpose });
  if (problem !== undefined) throw new Error(problem);
}
