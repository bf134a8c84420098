import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Repository } from './repository.ts';

/** The programs of a folder: in itself, else under its `cmd`. Folders are relative to the repository's root. */
export async function mainPackages(
  repository: Repository,
  folder: string,
): Promise<readonly string[]> {
  if (await isMain(repository, folder)) return [folder];
  const commands = folder === '' ? 'cmd' : `${folder}/cmd`;
  const mains: string[] = [];
  for (const below of await foldersOf(path.join(repository.root, commands)))
    if (await isMain(repository, `${commands}/${below}`)) mains.push(`${commands}/${below}`);
  return mains;
}

/** Whether a folder holds a program, by the go command's word; by its sources where there is none. */
async function isMain({ graph, root }: Repository, folder: string): Promise<boolean> {
  if (graph !== undefined) return graph.packages.get(folder)?.isMain === true;
  const names = await fs.readdir(path.join(root, folder)).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.go') && !each.endsWith('_test.go'))) {
    const text = await fs.readFile(path.join(root, folder, name), 'utf8').catch(() => '');
    if (isMainSource(text)) return true;
  }
  return false;
}

/** Whether a source is of a program, when go is not there to ask: its package clause, unless `ignore` leaves it out. */
function isMainSource(text: string): boolean {
  if (/^\/\/go:build\s+(?:ignore|tools)\b/m.test(text)) return false;
  const bare = text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
  return /^\s*package\s+main\b/.test(bare);
}

async function foldersOf(folder: string): Promise<readonly string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
