import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';

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

/** Copies a file in the same way, also from another file system. */
export async function copyAtomically(from: string, to: string, mode = 0o755): Promise<void> {
  await fs.mkdir(path.dirname(to), { recursive: true });
  const temporary = partialName(to);
  try {
    await fs.copyFile(from, temporary);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
  await finish(temporary, to, mode);
}

/** Moves a file to its final name: a rename, or a copy where `to` is on another file system. */
export async function moveAtomically(from: string, to: string): Promise<void> {
  await fs.mkdir(path.dirname(to), { recursive: true });
  try {
    await fs.rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyAtomically(from, to, (await fs.stat(from)).mode & 0o777);
    await fs.rm(from, { force: true });
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
