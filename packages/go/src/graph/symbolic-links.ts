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

/** Other names under which changed files are reached through links: Go and Helm know them by these. */
export function namesThroughLinks(
  links: readonly SymbolicLink[],
  files: readonly string[],
): readonly string[] {
  const known = new Set(files);
  let latest = files;
  for (let round = 0; round < maxRounds && latest.length > 0; round += 1) {
    const found = latest
      .flatMap((file) => links.flatMap((link) => nameThrough(link, file) ?? []))
      .filter((name) => !known.has(name));
    for (const name of found) known.add(name);
    latest = [...new Set(found)];
  }
  return [...known].slice(new Set(files).size);
}

function nameThrough({ link, targets }: SymbolicLink, file: string): string | undefined {
  for (const target of targets) {
    // Above the target a link was led elsewhere.
    if (file === target || target.startsWith(`${file}/`)) return link;
    if (file.startsWith(`${target}/`)) return `${link}${file.slice(target.length)}`;
  }
  return undefined;
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
