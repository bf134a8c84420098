import { promises as fs } from 'node:fs';
import path from 'node:path';
import { globMatcher } from '@slipway/glob';

/** Levels that a `**` reaches. */
const maxDepth = 6;

/** The folders that services may lie in, relative to the root, which is the empty string. */
export interface ServiceFolders {
  folders: readonly string[];
  /** Whether the root is among them by its name `.`, and not only because a `**` reaches it. */
  hasRootByName: boolean;
  /** Whether the root stands in when no other folder holds a service: `*` in a repository that is one. */
  rootStandsIn: boolean;
}

/**
 * The folders that match the globs and none of those that begin with `!`; an outer folder comes before
 * the folders in it. `.` is the root, `**` reaches it too.
 */
export async function serviceFolders(
  root: string,
  globs: readonly string[],
): Promise<ServiceFolders> {
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map(tidy);
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => tidy(glob.slice(1)));
  const depth = Math.max(
    0,
    ...wanted.map((glob) => (glob.includes('**') ? maxDepth : glob.split('/').length)),
  );
  const takesIn = wanted.map(globMatcher);
  const takesOut = unwanted.map(globMatcher);
  const matches = (folder: string): boolean =>
    takesIn.some((match) => match(folder)) && !takesOut.some((match) => match(folder));
  const isRootOut = unwanted.includes('');
  const hasRootByName = wanted.includes('') && !isRootOut;
  const hasRoot = hasRootByName || (wanted.includes('**') && !isRootOut);
  const below = (await foldersBelow(root, depth)).filter(matches);
  return {
    folders: hasRoot ? ['', ...below] : below,
    hasRootByName,
    rootStandsIn: wanted.includes('*') && !hasRoot && !isRootOut,
  };
}

/** Without what says nothing at its ends; the root is the empty string. */
function tidy(glob: string): string {
  const bare = glob
    .trim()
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  return bare === '.' ? '' : bare;
}

async function foldersBelow(root: string, depth: number): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string, left: number): Promise<void> => {
    const entries = await fs.readdir(path.join(root, folder), { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory()).sort(byName)) {
      // The go command passes over the same names.
      if (/^[._]|^(?:vendor|node_modules|testdata)$/.test(name)) continue;
      const below = folder === '' ? name : `${folder}/${name}`;
      found.push(below);
      if (left > 1) await visit(below, left - 1);
    }
  };
  if (depth > 0) await visit('', depth);
  return found;
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
