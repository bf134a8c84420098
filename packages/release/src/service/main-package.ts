import { promises as fs } from 'node:fs';
import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';
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

/**
 * The folder of the package that slipway.yml names for the service in `folder`. Throws an InputError when it is
 * not there: go would find that out in the job that builds, and in other words. `said` is where the file names it.
 */
export async function namedPackage(
  root: string,
  folder: string,
  { named, said }: { named: string; said?: string | undefined },
): Promise<string> {
  const main = named.replace(/^(?:\.\/)+|\/+$/g, '').replace(/^\.$/, '');
  if (await isFolderAt(path.join(root, main))) return main;
  const inService = path.posix.join(folder, main);
  const meant = (await isFolderAt(path.join(root, inService)))
    ? `; did you mean ${inService}?`
    : '.';
  throw new InputError(
    `${said === undefined ? '' : `${said}: `}the package of the service in ${quoted(folder || '.')}: there is no folder ${quoted(main)} in the repository${meant}`,
    { next: "Name it in slipway.yml from the repository's root." },
  );
}

async function isFolderAt(place: string): Promise<boolean> {
  const found = await fs.stat(place).catch(() => undefined);
  return found?.isDirectory() === true;
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
