import type { Exec } from '@slipway/exec';

/** A file or folder of a checkout that is as it was committed, and the id that git gives its content. */
export interface TrackedPath {
  /** Relative to the top of the checkout; empty for the top itself. */
  path: string;
  /** Of the blob, or of the tree for a folder; hexadecimal. */
  id: string;
}

const lines = (text: string): string[] => text.split('\0').filter((line) => line !== '');

/** Paths that `git status` calls changed, and folders above them. */
function changedPaths(status: string): Set<string> {
  const changed = new Set<string>();
  for (const line of lines(status)) {
    let at = line.slice(3);
    for (; at !== '' && !changed.has(at); at = at.split('/').slice(0, -1).join('/'))
      changed.add(at);
    changed.add('');
  }
  return changed;
}

/**
 * What of the checkout around `folder` is as HEAD has it. Works in shallow clones. Left out are links, submodules,
 * files that git was told not to look at, and whatever differs from HEAD. Throws when there is no git or no checkout.
 */
export async function trackedPaths(
  exec: Exec,
  folder: string,
  signal: AbortSignal,
): Promise<{ top: string; paths: TrackedPath[] }> {
  const git = async (cwd: string, ...args: string[]): Promise<string> => {
    // In a container the checkout is often another user's.
    const all = ['-c', 'safe.directory=*', '--no-optional-locks', ...args];
    return (await exec('git', all, { cwd, signal })).stdout;
  };
  const top = (await git(folder, 'rev-parse', '--show-toplevel')).trimEnd();
  const root = (await git(top, 'rev-parse', 'HEAD^{tree}')).trim();
  const tree = lines(await git(top, 'ls-tree', '-r', '-t', '-z', 'HEAD'));
  const status = await git(top, 'status', '--porcelain=v1', '-z', '--no-renames', '-uno');
  const changed = changedPaths(status);
  const unwatched = new Set(
    lines(await git(top, 'ls-files', '-v', '-z'))
      .filter((line) => !line.startsWith('H '))
      .map((line) => line.slice(2)),
  );
  const paths = tree.flatMap((line): TrackedPath[] => {
    const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
    const isOrdinary = mode === '040000' || mode.startsWith('100');
    return isOrdinary && !changed.has(path) && !unwatched.has(path) ? [{ path, id }] : [];
  });
  return { top, paths: changed.has('') ? paths : [{ path: '', id: root }, ...paths] };
}
