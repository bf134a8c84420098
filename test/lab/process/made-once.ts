import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './lock.ts';

/**
 * The path `final` (a file or a folder), made by `make` when it is not there yet. `make` writes to
 * the path it is given, which gets its final name only when all went well, so that nobody ever sees
 * half of it; of several processes that ask at once one makes it and the others wait.
 */
export async function madeOnce(
  final: string,
  make: (partial: string) => Promise<void>,
  onWait?: (pid: number) => void,
): Promise<string> {
  if (existsSync(final)) return final;
  const folder = path.dirname(final);
  await mkdir(folder, { recursive: true });
  const prefix = `${path.basename(final)}.partial-`;
  await withLock(
    `${final}.lock`,
    async () => {
      if (existsSync(final)) return;
      // Whoever holds the lock is the only maker: what others left half made is waste.
      for (const name of await readdir(folder))
        if (name.startsWith(prefix))
          await rm(path.join(folder, name), { recursive: true, force: true });
      const partial = path.join(folder, `${prefix}${process.pid}`);
      try {
        await make(partial);
        await rename(partial, final);
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
    },
    onWait,
  );
  return final;
}
