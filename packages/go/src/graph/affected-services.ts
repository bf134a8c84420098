import { globMatcher } from '@slipway/glob';
import { foldersAround } from '../module/index.ts';
import { isModuleFile, type ChangedPackages } from './changed-packages.ts';
import { folderOf, isBelow, isDocumentation } from './file-owners.ts';
import type { GraphPackage, ImportGraph } from './import-graph.ts';

/** A service as far as its files go. Paths are relative to the repository's root, which is the empty string. */
export interface ServiceFiles {
  name: string;
  path: string;
  /** Folder of its main package. */
  mainFolder: string;
  /** Folders elsewhere that belong to it too, such as its chart. */
  sharedPaths: readonly string[];
  /** Globs of files, or of folders with all in them, that are shipped with it: documentation too. */
  packedFiles: readonly string[];
}

/** For each affected service or package, the first changed file that concerns it. */
export type AffectedBy = ReadonlyMap<string, string>;

/** The changed packages and all that import them, directly or not, by folder. */
export function affectedPackages(graph: ImportGraph, changed: ChangedPackages): AffectedBy {
  const affected = new Map(changed.packages);
  const queue = [...affected.keys()];
  for (let next = queue.pop(); next !== undefined; next = queue.pop())
    for (const importer of graph.importers.get(next) ?? []) {
      if (affected.has(importer)) continue;
      affected.set(importer, affected.get(next) ?? '');
      queue.push(importer);
    }
  return affected;
}

/**
 * The services that a change concerns: those whose folder or shared folders hold a changed file that is
 * no documentation, those that are shipped with a changed file, and those of which a package, or what
 * their own tests import, is affected.
 */
export function affectedServices(
  graph: ImportGraph,
  services: readonly ServiceFiles[],
  change: { files: readonly string[]; changed: ChangedPackages; packages: AffectedBy },
): AffectedBy {
  const { changed, packages } = change;
  // What a go.mod means is known by the packages.
  const isRead = (file: string): boolean =>
    isModuleFile(file) && graph.tree.isModule(folderOf(file));
  const files = change.files.filter((file) => !isDocumentation(file) && !isRead(file));
  const found = services.map(
    ({ name, path, mainFolder, sharedPaths, packedFiles }): [string, string | undefined] => {
      if (changed.everything !== undefined) return [name, changed.everything];
      const isOwn = ownFolders(services, path);
      const file =
        files.find((each) => isOwn(each) || sharedPaths.some((folder) => isBelow(folder, each))) ??
        change.files.find(isPacked(packedFiles)) ??
        packages.get(mainFolder) ??
        [...graph.packages.values()]
          .filter(({ folder }) => isOwn(`${folder}/`))
          .map((each) => concerned(each, change))
          .find((each) => each !== undefined);
      return [name, file];
    },
  );
  return new Map(found.filter((each): each is [string, string] => each[1] !== undefined));
}

/** Whether a file, or a folder that it lies in, is named by one of the globs. */
function isPacked(globs: readonly string[]): (file: string) => boolean {
  const matchers = globs.map(globMatcher);
  return (file) =>
    matchers.some((matches) => [file, ...foldersAround(folderOf(file))].some(matches));
}

function concerned(
  { folder, testImports }: GraphPackage,
  { changed, packages }: { changed: ChangedPackages; packages: AffectedBy },
): string | undefined {
  const ofTests = [...testImports].find((each) => packages.has(each));
  return (
    packages.get(folder) ??
    changed.tests.get(folder) ??
    (ofTests === undefined ? undefined : packages.get(ofTests))
  );
}

/** Whether a file is of a service's folder; one at the root leaves the folders of the others to them. */
function ownFolders(services: readonly ServiceFiles[], path: string): (file: string) => boolean {
  if (path !== '') return (file) => isBelow(path, file);
  const others = services.map((each) => each.path).filter((each) => each !== '');
  return (file) => !others.some((other) => isBelow(other, file));
}

/** Folders of all packages of the repository that services are made of, with what their own tests import. */
export function packagesOf(
  graph: ImportGraph,
  services: readonly ServiceFiles[],
  names: readonly string[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const { path, mainFolder } of services.filter(({ name }) => names.includes(name))) {
    const isOwn = ownFolders(services, path);
    const own = [...graph.packages.values()].filter(({ folder }) => isOwn(`${folder}/`));
    const queue = [
      mainFolder,
      ...own.flatMap(({ folder, testImports }) => [folder, ...testImports]),
    ];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const found = graph.packages.get(next);
      if (found === undefined || seen.has(next)) continue;
      seen.add(next);
      queue.push(...found.imports);
    }
  }
  return seen;
}
