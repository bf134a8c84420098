import { isFolder, type ModFile } from './mod-file.ts';

/** A module whose go.mod lies in the repository. Folders are relative to its root, the root itself is ''. */
export interface RepositoryModule {
  folder: string;
  /** Empty when its go.mod names none. */
  path: string;
  mod: ModFile;
  /** Folder of the go.work that uses it. */
  workspace: string | undefined;
  /** Whether a go.work lies above that does not use it: Go then builds it with GOWORK=off alone. */
  leftOut: boolean;
}

/** The modules of a repository, and which folder an import path means. */
export interface ModuleTree {
  modules: readonly RepositoryModule[];
  /** The innermost module around a folder. */
  moduleOf: (folder: string) => RepositoryModule | undefined;
  /** Whether a folder holds a go.mod. */
  isModule: (folder: string) => boolean;
  /** Folders of the go.work files that name a folder in `use`, whether or not it holds a go.mod. */
  usersOf: (folder: string) => readonly string[];
  /** Folders that an import path can mean in a module; none when it comes from elsewhere. */
  resolve: (module: RepositoryModule, importPath: string) => readonly string[];
}

/** A go.mod or go.work and the folder that it lies in. */
export interface PlacedModFile {
  folder: string;
  mod: ModFile;
}

/** `a/b`, `a` and `''` for `a/b`: the folder itself and those around it. */
export function foldersAround(folder: string): readonly string[] {
  const around: string[] = [];
  for (let at = folder; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
    around.push(at);
  return [...around, ''];
}

/** `folder` joined with a relative path such as `../lib`; undefined when that leaves the repository. */
function joined(folder: string, relative: string): string | undefined {
  const parts: string[] = folder === '' ? [] : folder.split('/');
  if (relative.startsWith('/')) return undefined;
  for (const part of relative.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.join('/');
}

/** Module paths and the folders that hold them, from `replace` lines with folders in the repository. */
function folderReplacements({ folder, mod }: PlacedModFile): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { path, target } of mod.replaces) {
    const at = isFolder(target) ? joined(folder, target) : undefined;
    if (at !== undefined) found.set(path, at);
  }
  return found;
}

/**
 * Puts go.mod and go.work files together. An import path means a folder of the repository when a
 * module there has the path, or a `replace` line gives one: also a module that nothing connects, since
 * a package too many is better than one too few.
 */
export function moduleTree(
  modFiles: readonly PlacedModFile[],
  workFiles: readonly PlacedModFile[],
): ModuleTree {
  const workspaces = new Map(
    workFiles.map((work) => {
      const uses = work.mod.uses.map((use) => joined(work.folder, use));
      return [work.folder, { used: new Set(uses), replaced: folderReplacements(work) }] as const;
    }),
  );
  const modules = modFiles.map(({ folder, mod }): RepositoryModule => {
    const path = mod.module ?? '';
    const nearest = foldersAround(folder).find((around) => workspaces.has(around));
    const isUsed = nearest !== undefined && workspaces.get(nearest)?.used.has(folder) === true;
    const workspace = isUsed ? nearest : undefined;
    return { folder, path, mod, workspace, leftOut: nearest !== undefined && !isUsed };
  });
  const byFolder = new Map(modules.map((module) => [module.folder, module]));
  const byPath = new Map<string, string[]>();
  for (const { path, folder } of modules) byPath.set(path, [...(byPath.get(path) ?? []), folder]);
  const replacedBy = new Map(modules.map((each) => [each.folder, folderReplacements(each)]));
  return {
    modules,
    isModule: (folder) => byFolder.has(folder),
    usersOf: (folder) =>
      [...workspaces].filter(([, { used }]) => used.has(folder)).map(([workspace]) => workspace),
    moduleOf: (folder) => {
      const at = foldersAround(folder).find((around) => byFolder.has(around));
      return at === undefined ? undefined : byFolder.get(at);
    },
    resolve: (module, importPath) => {
      const ofWorkspace =
        module.workspace === undefined ? undefined : workspaces.get(module.workspace)?.replaced;
      for (const prefix of foldersAround(importPath)) {
        const homes = [
          ...(byPath.get(prefix) ?? []),
          ...[replacedBy.get(module.folder)?.get(prefix), ofWorkspace?.get(prefix)].filter(
            (at) => at !== undefined,
          ),
        ];
        if (prefix === '' || homes.length === 0) continue;
        const rest = importPath.slice(prefix.length + 1);
        return [...new Set(homes)].map((home) => [home, rest].filter(Boolean).join('/'));
      }
      return [];
    },
  };
}
