import { promises as fs } from 'node:fs';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { gitIn } from './git.ts';

/** A symbolic link in a repository; both sides relative to its root, `/` between folders. */
export interface SymbolicLink {
  link: string;
  /** What it says, and what it leads to in the end; they differ when it goes through other links. */
  targets: readonly string[];
}

/** A link is followed through so many others: rings of links have no end. */
const maxRounds = 3;
const maxNames = 50_000;

/**
 * The symbolic links that the checked-out commit holds below `root`, an absolute path without links. Those that lead
 * out of it, or to a folder that they lie in themselves, say nothing of a change and are left out; so is
 * everything when git cannot list the commit.
 */
export async function readLinks(exec: Exec, root: string): Promise<readonly SymbolicLink[]> {
  const names = await linkNames(exec, root);
  const read = await Promise.all(names.map(async (link) => await readLink(root, link)));
  return read.filter(({ targets }) => targets.length > 0);
}

/**
 * Other names under which changed files are reached through links: Go and Helm know them by these. More than anyone
 * means are not told apart: then every link counts as changed itself.
 */
export function namesThroughLinks(
  links: readonly SymbolicLink[],
  files: readonly string[],
): readonly string[] {
  if (links.length === 0) return [];
  const leading = linksByPath(links);
  const known = new Set(files);
  const found = new Set<string>();
  let latest: readonly string[] = files;
  for (let round = 0; round < maxRounds; round += 1) {
    const names: string[] = [];
    for (const file of latest)
      for (const name of namesOf(leading, file)) {
        if (known.has(name)) continue;
        known.add(name);
        found.add(name);
        names.push(name);
        if (found.size > maxNames) return links.map(({ link }) => link);
      }
    latest = names;
  }
  return [...found];
}

interface LinksByPath {
  /** The links that lead to a path. */
  to: ReadonlyMap<string, readonly string[]>;
  /** The links that lead to something below a path. */
  below: ReadonlyMap<string, readonly string[]>;
}

function linksByPath(links: readonly SymbolicLink[]): LinksByPath {
  const to = new Map<string, string[]>();
  const below = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, link: string): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [link]);
    else list.push(link);
  };
  for (const { link, targets } of links)
    for (const target of targets) {
      add(to, target, link);
      for (const above of foldersOf(target)) add(below, above, link);
    }
  return { to, below };
}

function* namesOf({ to, below }: LinksByPath, file: string): Iterable<string> {
  yield* to.get(file) ?? [];
  // What is no folder any more and has targets below it is a link that was led elsewhere.
  yield* below.get(file) ?? [];
  for (const folder of foldersOf(file))
    for (const link of to.get(folder) ?? []) yield `${link}${file.slice(folder.length)}`;
}

/** The folders above a path, without the root. */
function foldersOf(file: string): readonly string[] {
  const parts = file.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

async function linkNames(exec: Exec, root: string): Promise<readonly string[]> {
  try {
    const listed = await gitIn(exec, root)(['ls-tree', '-r', '-z', 'HEAD']);
    return listed
      .split('\0')
      .filter((entry) => entry.startsWith('120000 '))
      .map((entry) => entry.slice(entry.indexOf('\t') + 1));
  } catch (error) {
    if (error instanceof ExecError) return [];
    throw error;
  }
}

async function readLink(root: string, link: string): Promise<SymbolicLink> {
  const file = path.join(root, link);
  const said = await orNothing(fs.readlink(file));
  const end = await orNothing(fs.realpath(file));
  const targets = [said === undefined ? undefined : path.resolve(path.dirname(file), said), end]
    .flatMap((target) => (target === undefined ? [] : path.relative(root, target)))
    .map((target) => target.split(path.sep).join('/'))
    .filter((target) => isInside(target) && !`${link}/`.startsWith(`${target}/`));
  return { link, targets: [...new Set(targets)] };
}

function isInside(target: string): boolean {
  return target !== '' && target !== '..' && !target.startsWith('../') && !path.isAbsolute(target);
}

/** A link can lead nowhere, in a ring, or be missing from a sparse checkout. */
async function orNothing(read: Promise<string>): Promise<string | undefined> {
  try {
    return await read;
  } catch {
    return undefined;
  }
}
