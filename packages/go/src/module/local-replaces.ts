import * as fs from 'node:fs/promises';
import path from 'node:path';
import { isFolder, parseModFile, type ModFile } from './mod-file.ts';

/** A module that a build takes from a folder in place of the version that it requires. */
export interface LocalReplace {
  module: string;
  /** As written. */
  target: string;
  /** Absolute. */
  folder: string;
  /** Absolute: the go.mod or go.work that says so. */
  file: string;
}

/** A folder as a go.mod or go.work writes it, from where that lies. Not path.resolve, which ncc takes for files to bundle. */
const from = (folder: string, written: string): string =>
  path.isAbsolute(written) ? path.normalize(written) : path.join(folder, written);

interface Placed {
  file: string;
  mod: ModFile;
}

async function read(file: string): Promise<Placed | undefined> {
  const text = await fs.readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { file, mod: parseModFile(text) };
}

/** Whether the go command takes modules from `vendor`, and reads no folder of a replacement. */
const isVendored = (file: string): Promise<boolean> =>
  fs.access(path.join(path.dirname(file), 'vendor', 'modules.txt')).then(
    () => true,
    () => false,
  );

/**
 * The `replace` lines that lead to folders, of the main module or, in a workspace, of its go.work and all of its
 * modules (go.dev/ref/mod#go-mod-file-replace), as far as something requires what they replace. None where modules
 * are vendored. Files are absolute paths; what cannot be read says nothing.
 */
export async function localReplaces(
  goMod: string | undefined,
  goWork: string | undefined,
): Promise<readonly LocalReplace[]> {
  const main = goWork ?? goMod;
  if (main === undefined || (await isVendored(main))) return [];
  const first = await read(main);
  const folder = path.dirname(main);
  const others = (first?.mod.uses ?? []).map((use) => read(path.join(from(folder, use), 'go.mod')));
  const placed = [first, ...(await Promise.all(others))].filter((each) => each !== undefined);
  const required = new Set(placed.flatMap(({ mod }) => [...mod.requires.keys()]));
  return placed.flatMap(({ file, mod }) =>
    mod.replaces
      .filter(({ path: module, target }) => isFolder(target) && required.has(module))
      .map(({ path: module, target }) => ({
        module,
        target,
        file,
        folder: from(path.dirname(file), target),
      })),
  );
}
