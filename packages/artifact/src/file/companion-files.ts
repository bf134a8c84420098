import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveEntry } from '@slipway/archive';

const companions = /^(?:licen[cs]e|copying|notice|readme|changelog)(?:[-.][\w.-]*)?$/i;
const maxCompanionBytes = 1_048_576;

/**
 * The files that travel with a program: licence, notice, readme and change log of its module.
 * Links and files above 1 MiB are left out.
 */
export async function companionFiles(folder: string): Promise<ArchiveEntry[]> {
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
