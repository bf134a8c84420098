import {
  foldersAround,
  isPassedOver,
  type DependencyChange,
  type ModuleTree,
  type RepositoryModule,
} from '../module/index.ts';
import { fileOwners, folderOf, isBelow } from './file-owners.ts';
import type { GraphPackage, ImportGraph } from './import-graph.ts';
import type { VendorChanges } from './vendor-changes.ts';
import type { WorkspaceChanges } from './workspace-changes.ts';

/** The files of a change, and what is known of them. */
export interface FileChange {
  files: readonly string[];
  /** Whether a file concerns everything by the user's word. */
  concernsAll: (file: string) => boolean;
  /** By folder of the module; a module whose go.mod changed and that is not here counts as changed as a whole. */
  dependencies: ReadonlyMap<string, DependencyChange>;
  /** By the folder that a `vendor` lies in; one that is not here changes all that is built with it. */
  vendored?: VendorChanges;
  /** By the folder of the go.work; one that is not here changes its whole workspace. */
  workspaces?: WorkspaceChanges;
}

/** What a change touches, before anybody asked who imports it; each with the first file that says so. */
export interface ChangedPackages {
  /** The file that concerns everything, if there is one. */
  everything: string | undefined;
  /** By folder; all packages of a module that changed as a whole are among them. */
  packages: ReadonlyMap<string, string>;
  /** Packages of which only the tests are concerned. */
  tests: ReadonlyMap<string, string>;
  /** Folders of the modules that changed as a whole. */
  modules: ReadonlyMap<string, string>;
}

const everyBuild = /^(?:\.go-version|\.tool-versions)$/;
const workspaceFile = /(?:^|\/)go\.work(?:\.sum)?$/;
const moduleFile = /(?:^|\/)go\.(?:mod|sum)$/;
const vendored = /^(?:(.*)\/)?vendor\//;

/** Whether a file is a go.mod or go.sum that go reads; one in testdata is not. */
export function isModuleFile(file: string): boolean {
  return moduleFile.test(file) && !isPassedOver(folderOf(file));
}

/** Sorts the files of a change by what they mean to the packages of a repository. */
export function changedPackages(graph: ImportGraph, change: FileChange): ChangedPackages {
  const packages = new Map<string, string>();
  const tests = new Map<string, string>();
  const modules = new Map<string, string>();
  let everything: string | undefined;
  const ownersOf = fileOwners(graph);
  for (const file of change.files) {
    if (everyBuild.test(file) || change.concernsAll(file)) everything ??= file;
    const imports = change.vendored?.get(parentOfVendor(file) ?? '\0');
    if (imports !== undefined) {
      markImporters(graph, { file, imports, packages, tests });
      continue;
    }
    if (workspaceFile.test(file))
      for (const folder of usersOfLeft(graph, change, file)) packages.set(folder, file);
    for (const module of modulesOf(graph, change, file))
      if (!modules.has(module.folder)) modules.set(module.folder, file);
    if (isModuleFile(file)) {
      const found = change.dependencies.get(folderOf(file));
      if (found !== undefined)
        markUsers(graph, { folder: folderOf(file), file, found, packages, tests });
      if (graph.tree.isModule(folderOf(file))) continue;
    }
    for (const folder of ownersOf(file)) if (!packages.has(folder)) packages.set(folder, file);
  }
  for (const { folder, module } of graph.packages.values()) {
    const file = modules.get(module.folder);
    if (file !== undefined && !packages.has(folder)) packages.set(folder, file);
  }
  return { everything, packages, tests, modules };
}

/** The modules that a file changes as a whole. */
function modulesOf(
  { tree }: ImportGraph,
  { dependencies, workspaces }: FileChange,
  file: string,
): readonly RepositoryModule[] {
  const folder = folderOf(file);
  const inWorkspace = (at: string): readonly RepositoryModule[] =>
    tree.modules.filter((each) => each.workspace === at || isBelow(at, `${each.folder}/`));
  if (workspaceFile.test(file)) {
    const known = file.endsWith('.sum') ? undefined : workspaces?.get(folder);
    if (known === undefined) return inWorkspace(folder);
    return tree.modules.filter((each) => known.folders.has(each.folder));
  }
  if (isModuleFile(file)) {
    // A go.mod that went gives its packages to the module around it.
    const module = tree.moduleOf(folder);
    const own =
      module === undefined || dependencies.get(folder)?.everything === false ? [] : [module];
    return [...own, ...modulesLeftBroken(tree, folder)];
  }
  const around = parentOfVendor(file);
  if (around === undefined) return [];
  if (tree.modules.some(({ workspace }) => workspace === around)) return inWorkspace(around);
  return tree.modules.filter((each) => each.folder === around);
}

/** Packages that import from a module which left the workspace: they get it from elsewhere now. */
function usersOfLeft(
  graph: ImportGraph,
  { workspaces }: FileChange,
  file: string,
): readonly string[] {
  const left = workspaces?.get(folderOf(file))?.left ?? new Set<string>();
  const isLeft = (importPath: string): boolean =>
    foldersAround(importPath).some((prefix) => left.has(prefix));
  return [...graph.packages.values()]
    .filter(({ external, testExternal }) => [...external, ...testExternal].some(isLeft))
    .map(({ folder }) => folder);
}

/** The folder that the `vendor` lies in of which a file is a part; undefined for a file of none. */
function parentOfVendor(file: string): string | undefined {
  const match = vendored.exec(file);
  return match === null ? undefined : (match[1] ?? '');
}

/** Marks the packages that import what changed in the `vendor` which they are built with. */
function markImporters(
  graph: ImportGraph,
  change: {
    file: string;
    imports: ReadonlySet<string>;
    packages: Map<string, string>;
    tests: Map<string, string>;
  },
): void {
  const { file, imports, packages, tests } = change;
  const around = parentOfVendor(file);
  const isChanged = (external: ReadonlySet<string>): boolean =>
    [...external].some((each) => imports.has(each));
  for (const { folder, module, external, testExternal } of graph.packages.values()) {
    if (module.folder !== around && module.workspace !== around) continue;
    if (!packages.has(folder) && isChanged(external)) packages.set(folder, file);
    if (!tests.has(folder) && isChanged(testExternal)) tests.set(folder, file);
  }
}

/** The modules of each go.work that still uses a folder whose go.mod went: go builds none of them. */
function modulesLeftBroken(tree: ModuleTree, folder: string): readonly RepositoryModule[] {
  if (tree.isModule(folder)) return [];
  const broken = new Set<string | undefined>(tree.usersOf(folder));
  return tree.modules.filter(({ workspace }) => broken.has(workspace) && workspace !== undefined);
}

/** Marks the packages that import from modules whose versions changed. */
function markUsers(
  graph: ImportGraph,
  change: {
    folder: string;
    file: string;
    found: DependencyChange;
    packages: Map<string, string>;
    tests: Map<string, string>;
  },
): void {
  const { folder, file, found, packages, tests } = change;
  const scope = modulesBuiltWith(graph, folder);
  const { modules } = found;
  const isChanged = (importPath: string): boolean =>
    modules === 'any'
      ? /^[^/]*\./.test(importPath)
      : foldersAround(importPath).some((prefix) => modules.has(prefix));
  // A module of the repository can be taken from a proxy all the same, in a version.
  const isChangedModule = (at: string): boolean => {
    const path = graph.tree.moduleOf(at)?.path;
    return modules !== 'any' && path !== undefined && modules.has(path);
  };
  for (const each of graph.packages.values()) {
    if (!scope.has(each.module.folder)) continue;
    const uses = (external: ReadonlySet<string>, folders: ReadonlySet<string>): boolean =>
      [...external].some(isChanged) || [...folders].some(isChangedModule);
    if (!packages.has(each.folder) && uses(each.external, each.imports))
      packages.set(each.folder, file);
    if (!tests.has(each.folder) && uses(each.testExternal, each.testImports))
      tests.set(each.folder, file);
  }
}

/**
 * The modules whose choice of versions a go.mod has a say in: its own, those of its workspace, and those
 * that import its packages.
 */
function modulesBuiltWith(graph: ImportGraph, folder: string): ReadonlySet<string> {
  const own = graph.tree.modules.find((module) => module.folder === folder);
  const scope = new Set([folder]);
  for (const { folder: other, workspace } of graph.tree.modules)
    if (workspace !== undefined && workspace === own?.workspace) scope.add(other);
  const imported = (each: GraphPackage): boolean =>
    [...each.imports, ...each.testImports].some((at) => {
      const module = graph.tree.moduleOf(at);
      return module !== undefined && scope.has(module.folder);
    });
  for (let before = -1; before !== scope.size;) {
    before = scope.size;
    for (const each of graph.packages.values())
      if (!scope.has(each.module.folder) && imported(each)) scope.add(each.module.folder);
  }
  return scope;
}
