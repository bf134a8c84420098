import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveEntry } from '@slipway/archive';

const licences = /^(?:licen[cs]e|copying|notice)(?:[-.][\w.-]*)?$/i;
const others = /^(?:readme|changelog)(?:[-.][\w.-]*)?$/i;
const maxCompanionBytes = 1_048_576;

/** What travels with a program. */
export interface Companions {
  entries: readonly ArchiveEntry[];
  /** Whether a licence is among them. */
  licensed: boolean;
}

/** Git's own files: actions/checkout leaves the job's token in `.git/config`. */
function isOfGit(file: string): boolean {
  return file.split(path.sep).some((part) => part.toLowerCase() === '.git');
}

/** The file that a name in `folder` stands for, behind links too, unless those lead out of `root` or to Git's own files. */
async function read(root: string, folder: string, name: string): Promise<ArchiveEntry | undefined> {
  const file = await fs.realpath(path.join(folder, name)).catch(() => undefined);
  if (!file?.startsWith(root + path.sep) || isOfGit(path.relative(root, file))) return undefined;
  const stat = await fs.stat(file);
  if (!stat.isFile() || stat.size > maxCompanionBytes) return undefined;
  return { path: name, content: await fs.readFile(file), mode: 0o644 };
}

async function named(root: string, folder: string, pattern: RegExp): Promise<ArchiveEntry[]> {
  const names = (await fs.readdir(folder)).filter((name) => pattern.test(name)).sort();
  const found = await Promise.all(names.map((name) => read(root, folder, name)));
  return found.filter((entry) => entry !== undefined);
}

/**
 * The files that travel with the programs of a module: its readme and change log, and licence and notice
 * of its folder or of the nearest above, up to `root` (the repository of a monorepo has one for all).
 * Links are followed inside `root`, but not into `.git`; files above 1 MiB are left out.
 */
export async function companionFiles(module: string, root: string): Promise<Companions> {
  const [from, top] = await Promise.all([fs.realpath(module), fs.realpath(root)]);
  const entries = await named(top, from, others);
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = await named(top, folder, licences);
    if (found.length > 0) return { entries: [...entries, ...found], licensed: true };
    if (folder === top || !folder.startsWith(top + path.sep)) return { entries, licensed: false };
  }
}
