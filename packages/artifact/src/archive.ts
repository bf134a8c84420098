import * as fs from 'node:fs/promises';
import path from 'node:path';
import { gzip } from './gzip.ts';
import { tar, type TarEntry } from './tar.ts';
import { zip } from './zip.ts';

const companions = /^(?:licen[cs]e|copying|notice|readme|changelog)(?:[-.][\w.-]*)?$/i;
const maxCompanionBytes = 1_048_576;

/**
 * The files that travel with a program: licence, notice, readme and change log of its module.
 * Links and files above 1 MiB are left out.
 */
export async function companionFiles(folder: string): Promise<TarEntry[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && companions.test(entry.name))
    .map(({ name }) => name)
    .sort();
  const found = await Promise.all(
    names.map(async (name) => ({
      path: name,
      content: await fs.readFile(path.join(folder, name)),
      mode: 0o644,
    })),
  );
  return found.filter(({ content }) => content.length <= maxCompanionBytes);
}

/** Packs a program and its companions: zip for Windows, tar.gz for all others. */
export async function archive(
  entries: readonly TarEntry[],
  options: { format: 'tar.gz' | 'zip'; mtimeSeconds: number },
): Promise<Buffer> {
  return options.format === 'zip'
    ? zip(entries, options.mtimeSeconds)
    : gzip(tar(entries, options.mtimeSeconds));
}
