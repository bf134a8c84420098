import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ActionError } from '@slipway/runtime';

const partial = /^\..*\.slipway-partial-[0-9a-f]{12}$/;

function partialName(file: string): string {
  return path.join(
    path.dirname(file),
    `.${path.basename(file)}.slipway-partial-${randomBytes(6).toString('hex')}`,
  );
}

async function finish(temporary: string, file: string, mode: number): Promise<void> {
  try {
    await fs.chmod(temporary, mode);
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

/** Writes a file so that its name never shows half of it: beside it first, then renamed. */
export async function writeAtomically(
  file: string,
  bytes: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  const temporary = partialName(file);
  try {
    await fs.writeFile(temporary, bytes);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
  await finish(temporary, file, mode);
}

/** Brings a file beside its final place, from another file system too. */
async function bringBeside(from: string, temporary: string): Promise<void> {
  try {
    await fs.rename(from, temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await fs.copyFile(from, temporary);
    await fs.chmod(temporary, (await fs.stat(from)).mode & 0o777);
    await fs.rm(from, { force: true });
  }
}

/**
 * Moves files to their final names, all or none: each is brought beside its place first, which may fail
 * for want of room, and only then are all renamed, which takes none. Throws before any name changes when
 * a folder is in the place of a file.
 */
export async function publishTogether(
  moves: readonly { from: string; to: string }[],
): Promise<void> {
  const brought: { temporary: string; to: string }[] = [];
  try {
    for (const { from, to } of moves) {
      await fs.mkdir(path.dirname(to), { recursive: true });
      if ((await fs.lstat(to).catch(() => undefined))?.isDirectory() === true)
        throw new ActionError(`${to} is a folder, where a file must go.`, {
          next: 'Remove it, or give another output-dir.',
        });
      const temporary = partialName(to);
      brought.push({ temporary, to });
      await bringBeside(from, temporary);
    }
    for (const { temporary, to } of brought) await fs.rename(temporary, to);
  } catch (error) {
    for (const { temporary } of brought) await fs.rm(temporary, { force: true });
    throw error;
  }
}

/** Removes what a killed run left in `folder` and one level below it. */
export async function removePartials(folder: string): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (entry.isDirectory()) {
      const inner = path.join(folder, entry.name);
      for (const name of await fs.readdir(inner).catch(() => []))
        if (partial.test(name)) await fs.rm(path.join(inner, name), { force: true });
    } else if (partial.test(entry.name))
      await fs.rm(path.join(folder, entry.name), { force: true });
}
