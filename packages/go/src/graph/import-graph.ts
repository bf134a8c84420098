import type { ModuleTree, RepositoryModule } from '../module/index.ts';
import type { SourcePackage } from './package-listing.ts';

/** One package of a module of the repository. Folders are relative to the repository's root. */
export interface GraphPackage {
  folder: string;
  module: RepositoryModule;
  isMain: boolean;
  /** The sets of build tags with which its tests can be run here, see `tagSetName`. */
  testableWith: ReadonlySet<string>;
  /** Folders of the repository that it imports, also such that are no longer there. */
  imports: ReadonlySet<string>;
  /** Those that its tests import. */
  testImports: ReadonlySet<string>;
  /** Import paths of what comes from elsewhere, the standard library included. */
  external: ReadonlySet<string>;
  testExternal: ReadonlySet<string>;
  embeds: ReadonlySet<string>;
}

/** Who imports whom among the packages of a repository, over the borders of its modules. */
export interface ImportGraph {
  tree: ModuleTree;
  /** By folder. */
  packages: ReadonlyMap<string, GraphPackage>;
  /** For a folder, those whose packages import it; tests left out. */
  importers: ReadonlyMap<string, readonly string[]>;
}

/** Puts what `listSources` found into the modules. A package outside all modules cannot be built and is left out. */
export function importGraph(
  tree: ModuleTree,
  sources: ReadonlyMap<string, SourcePackage>,
): ImportGraph {
  const packages = new Map<string, GraphPackage>();
  const importers = new Map<string, string[]>();
  for (const source of sources.values()) {
    const module = tree.moduleOf(source.folder);
    if (module === undefined || isIgnored(module, source.folder)) continue;
    const sorted = sortImports(tree, module, source.imports);
    const ofTests = sortImports(tree, module, source.testImports);
    packages.set(source.folder, {
      folder: source.folder,
      module,
      isMain: source.isMain,
      testableWith: source.testableWith,
      imports: sorted.folders,
      testImports: ofTests.folders,
      external: sorted.external,
      testExternal: ofTests.external,
      embeds: source.embeds,
    });
    for (const folder of sorted.folders) {
      const known = importers.get(folder);
      if (known === undefined) importers.set(folder, [source.folder]);
      else known.push(source.folder);
    }
  }
  return { tree, packages, importers };
}

function sortImports(
  tree: ModuleTree,
  module: RepositoryModule,
  imports: ReadonlySet<string>,
): { folders: ReadonlySet<string>; external: ReadonlySet<string> } {
  const folders = new Set<string>();
  const external = new Set<string>();
  for (const importPath of imports) {
    const found = tree.resolve(module, importPath);
    if (found.length === 0) external.add(importPath);
    for (const folder of found) folders.add(folder);
  }
  return { folders, external };
}

/** Whether an `ignore` line of go.mod (go.dev/ref/mod#go-mod-file-ignore) takes the folder out of `./...`. */
function isIgnored({ folder: home, mod }: RepositoryModule, folder: string): boolean {
  if (mod.ignores.length === 0) return false;
  const inside = `/${home === '' ? folder : folder.slice(home.length + 1)}/`;
  return mod.ignores.some((line) => {
    const ignored = line.replace(/^\.\//, '').replace(/\/+$/, '');
    return line.startsWith('./')
      ? inside.startsWith(`/${ignored}/`)
      : inside.includes(`/${ignored}/`);
  });
}
