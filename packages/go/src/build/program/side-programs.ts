import path from 'node:path';

/** Folders whose programs nobody publishes: they show, test or help to build what is. */
const sideFolders = ['examples', 'example', 'internal/tools', 'test'];

/** The folder, relative with `/` around it, that makes a main at `place` a side program. */
function sideFolder(place: string): string | undefined {
  return sideFolders.map((folder) => `/${folder}/`).find((each) => place.includes(each));
}

/**
 * Parts mains from those that only a wildcard reaches below examples, internal/tools or test: such are
 * not published unless a pattern names their folder, or there is nothing else.
 */
export function withoutSidePrograms<T extends { dir: string }>(
  mains: readonly T[],
  { dir, patterns }: { dir: string; patterns: readonly string[] },
): { kept: readonly T[]; aside: readonly T[] } {
  const isAside = (main: T): boolean => {
    const place = `/${path.relative(dir, main.dir).split(path.sep).join('/')}/`;
    const folder = sideFolder(place);
    if (folder === undefined || place.startsWith('/../')) return false;
    return !patterns.some((pattern) => `/${pattern}/`.includes(folder));
  };
  const kept = mains.filter((main) => !isAside(main));
  if (kept.length === 0) return { kept: mains, aside: [] };
  return { kept, aside: mains.filter(isAside) };
}
