import type { Dirent } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveEntry, StoredFile } from '@slipway/archive';
import { confine, InputError, quoted } from '@slipway/runtime';

/** A glob of files, and where they go. */
export interface FilePlacement {
  /** Relative to `folder` of the search; a folder stands for all in it. */
  glob: string;
  /**
   * Where the files go: a folder, or the new name of a single file when it does not end with `/`.
   * Undefined keeps the path that they have.
   */
  place: string | undefined;
  /** Permission bits; by default 0o755 for executable files and 0o644 for others. */
  mode?: number;
  /** User and group by number; root by default. */
  owner?: number;
}

/** Where globs are read from. */
export interface FileSearch {
  folder: string;
  /** Nothing outside is found; above or the same as `folder`. */
  root: string;
}

const posix = (file: string): string => file.split(path.sep).join('/');

/** The part of a glob in front of everything that stands for something else. */
function fixedPart(glob: string): string {
  const parts = glob.split('/');
  const at = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  return (at < 0 ? parts : parts.slice(0, at)).join('/');
}

/** Nobody means these: Git's hold the job's token. */
const passedOver = new Set(['.git', 'node_modules']);

/** Adds the files in `folder` and below, those that begin with a dot among them, and none through a link. */
async function addFilesIn(
  folder: string,
  { found, read }: { found: Set<string>; read: Set<string> },
): Promise<void> {
  if (read.has(folder)) return;
  read.add(folder);
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    if (passedOver.has(entry.name)) continue;
    const file = path.join(folder, entry.name);
    if (entry.isFile()) found.add(file);
    else if (entry.isDirectory()) await addFilesIn(file, { found, read });
  }
}

/**
 * The files that a glob below `root` names, by the globs of Node itself, where `*` is as in a shell; a
 * folder stands for all in it. None is found through a link, which may lead anywhere. Undefined when the
 * glob finds something outside, as one with `..` in braces or brackets does.
 */
async function filesOf(glob: string, root: string): Promise<string[] | undefined> {
  const options = {
    cwd: root,
    withFileTypes: true,
    exclude: ({ name }: Dirent): boolean => passedOver.has(name),
  } as const;
  const found = new Set<string>();
  const read = new Set<string>();
  if (glob === '.') await addFilesIn(root, { found, read });
  for await (const entry of fs.glob(glob, options)) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if (confine(root, file) === undefined) return undefined;
    if (
      path
        .relative(root, file)
        .split(path.sep)
        .some((part) => passedOver.has(part))
    )
      continue;
    if ((await fs.realpath(file)) !== file) continue;
    if (entry.isFile()) found.add(file);
    else await addFilesIn(file, { found, read });
  }
  return [...found].sort();
}

/** The path in the archive of a file that a glob found; undefined when it is not below the glob's own folder. */
function placeOf(
  file: string,
  { glob, place }: FilePlacement,
  { folder, root }: FileSearch,
): string | undefined {
  if (place === undefined) {
    const inFolder = posix(path.relative(folder, file));
    return inFolder.startsWith('../') ? posix(path.relative(root, file)) : inFolder;
  }
  const fixed = path.resolve(folder, fixedPart(glob));
  if (fixed === file && !place.endsWith('/')) return place;
  const below = fixed === file ? path.basename(file) : posix(path.relative(fixed, file));
  return below.startsWith('../') ? undefined : path.posix.join(place, below);
}

/**
 * The files that globs name, as entries of an archive that is written while they stay as they are: never
 * outside `root`, in .git or node_modules, or through links. Executable files stay so. A file that two
 * globs put into one place is taken once. Throws InputError, which `input` is named in, for a glob that
 * finds nothing and for two files in one place.
 */
export async function givenFiles(
  placements: readonly FilePlacement[],
  { folder, root }: FileSearch,
  input: string,
): Promise<ArchiveEntry[]> {
  const search = { folder: await fs.realpath(folder), root: await fs.realpath(root) };
  const entries = new Map<string, ArchiveEntry & { content: StoredFile }>();
  for (const placement of placements) {
    const absolute = confine(search.root, path.resolve(search.folder, placement.glob));
    const found =
      absolute === undefined
        ? undefined
        : await filesOf(posix(path.relative(search.root, absolute)) || '.', search.root);
    if (found === undefined)
      throw new InputError(`${input}: ${quoted(placement.glob)} leads out of the workspace.`);
    if (found.length === 0)
      throw new InputError(
        `${input}: ${quoted(placement.glob)} names no file below ${search.folder}.`,
        { next: 'Files that earlier steps make must be there before this one.' },
      );
    for (const file of found) {
      const { size, mode } = await fs.stat(file);
      const at = placeOf(file, placement, search);
      if (at === undefined)
        throw new InputError(
          `${input}: ${quoted(placement.glob)} finds ${file}, which is not in the folder in front of its first wildcard.`,
          { next: 'Write a line for each folder.' },
        );
      const isProgram = (mode & 0o111) !== 0;
      const other = entries.get(at)?.content.file;
      if (other !== undefined && other !== file)
        throw new InputError(`${input}: both ${other} and ${file} would be ${quoted(at)}.`, {
          next: 'Give one of them another place.',
        });
      entries.set(at, {
        path: at,
        content: { file, bytes: size },
        mode: placement.mode ?? (isProgram ? 0o755 : 0o644),
        ...(placement.owner === undefined ? {} : { owner: placement.owner }),
      });
    }
  }
  return [...entries.values()];
}
