import { goPatternMatcher } from '@slipway/glob';
import type { GraphPackage, ImportGraph } from './import-graph.ts';

/** A service as far as its files go. Paths are relative to the repository's root, with `/`. */
export interface ServiceFiles {
  name: string;
  path: string;
  /** Folder of its main package. */
  mainFolder: string;
  /** Folders elsewhere that belong to it too, such as its chart. */
  sharedPaths: readonly string[];
}

/** For each affected service, the first changed file that concerns it. */
export type AffectedBy = ReadonlyMap<string, string>;

const goSource = /\.(?:go|s|S|c|h|cc|cpp|cxx|hh|hpp|hxx|m|f|F|for|f90|swig|swigcxx|syso)$/;
const documentation = /(?:^|\/)(?:[^/]+\.(?:md|markdown|rst|adoc)|LICENSE|CODEOWNERS|OWNERS)$/;
const moduleFile = /(?:^|\/)go\.(?:mod|sum)$/;
/** Files that decide which toolchain or which modules every build of the repository gets. */
const concernsAll =
  /^(?:go\.work|go\.work\.sum|\.go-version|\.tool-versions|vendor\/modules\.txt)$/;

/**
 * The services that a change concerns: those whose folder or shared folders hold a changed file, and
 * those that import a changed package, directly or not. A package is changed by its sources, tests,
 * testdata and embedded files. A change of go.mod or go.sum concerns every service of that module.
 * Documentation concerns nobody unless it is embedded or testdata.
 */
export function affectedServices(
  graph: ImportGraph,
  services: readonly ServiceFiles[],
  change: { files: readonly string[]; concernsAll: (file: string) => boolean },
): AffectedBy {
  const affected = new Map<string, string>();
  const changed = new Map<string, string>();
  const mark = (name: string, file: string): void => {
    if (!affected.has(name)) affected.set(name, file);
  };
  for (const file of change.files) {
    const owners = owningPackages(graph, file);
    for (const importPath of owners) if (!changed.has(importPath)) changed.set(importPath, file);
    for (const service of services) {
      if (
        concernsAll.test(file) ||
        change.concernsAll(file) ||
        isModuleFileOf(graph, service, file)
      )
        mark(service.name, file);
      if (documentation.test(file)) continue;
      if ([service.path, ...service.sharedPaths].some((folder) => isBelow(folder, file)))
        mark(service.name, file);
    }
  }
  for (const service of services) {
    if (affected.has(service.name)) continue;
    for (const importPath of reachable(graph, service)) {
      const file = changed.get(importPath);
      if (file !== undefined) {
        mark(service.name, file);
        break;
      }
    }
  }
  return affected;
}

/**
 * Package patterns, relative to the repository's root, of all that a change can break: the packages
 * of the root module that are changed, and those that import them or whose tests do. `./...` when
 * the change concerns everything.
 */
export function affectedPackages(
  graph: ImportGraph,
  change: { files: readonly string[]; concernsAll: (file: string) => boolean },
): readonly string[] {
  const everything = (file: string): boolean =>
    concernsAll.test(file) || change.concernsAll(file) || moduleFile.test(file);
  if (change.files.some(everything)) return ['./...'];
  const affected = new Set(change.files.flatMap((file) => owningPackages(graph, file)));
  const importers = [...graph.packages.values()];
  for (let before = -1; before !== affected.size;) {
    before = affected.size;
    for (const { importPath, imports } of importers)
      if ([...imports].some((name) => affected.has(name))) affected.add(importPath);
  }
  return importers
    .filter(
      ({ importPath, testImports }) =>
        affected.has(importPath) || [...testImports].some((name) => affected.has(name)),
    )
    .filter(({ folder }) => moduleOf(graph, folder)?.folder === '')
    .map(({ folder }) => (folder === '' ? '.' : `./${folder}`))
    .sort();
}

function isBelow(folder: string, file: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`);
}

/** Import paths of the packages that a file is part of; also of packages that are no longer there. */
function owningPackages(graph: ImportGraph, file: string): readonly string[] {
  const owners = [...graph.packages.values()]
    .filter((candidate) => isEmbedded(candidate, file))
    .map(({ importPath }) => importPath);
  const testdata = file.search(/(?:^|\/)testdata\//);
  const folder = testdata >= 0 ? file.slice(0, testdata) : folderOf(file);
  if (testdata >= 0 || goSource.test(file)) {
    const importPath = importPathOf(graph, folder);
    if (importPath !== undefined) owners.push(importPath);
  }
  return owners;
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}

/** The import path that Go gives a folder: that of the innermost module around it, plus the rest. */
function importPathOf(graph: ImportGraph, folder: string): string | undefined {
  const module = moduleOf(graph, folder);
  if (module === undefined) return undefined;
  const rest = module.folder === '' ? folder : folder.slice(module.folder.length + 1);
  return rest === '' ? module.path : `${module.path}/${rest}`;
}

function moduleOf(graph: ImportGraph, folder: string): ImportGraph['modules'][number] | undefined {
  return graph.modules
    .filter((module) => folder === module.folder || isBelow(module.folder, folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function isEmbedded(owner: GraphPackage, file: string): boolean {
  if (owner.embeds.size === 0 || !isBelow(owner.folder, file)) return false;
  const relative = file.slice(owner.folder === '' ? 0 : owner.folder.length + 1);
  // A pattern that matches a folder embeds all below it, so leading elements are enough. What Go would
  // not take as a pattern counts as matching: better a service too many than one too few.
  return [...owner.embeds].some(
    (pattern) => pattern === '.' || goPatternMatcher(pattern)?.(relative) !== false,
  );
}

function isModuleFileOf(graph: ImportGraph, service: ServiceFiles, file: string): boolean {
  if (!moduleFile.test(file)) return false;
  const folder = folderOf(file);
  // A go.mod that came or went moves packages between modules.
  if (!graph.modules.some((module) => module.folder === folder))
    return isBelow(folder, service.path);
  return [...reachable(graph, service)].some((importPath) => {
    const found = graph.packages.get(importPath);
    return found !== undefined && moduleOf(graph, found.folder)?.folder === folder;
  });
}

/** Import paths of all that a service is made of, its own tests included. */
function reachable(graph: ImportGraph, service: ServiceFiles): ReadonlySet<string> {
  const seen = new Set<string>();
  const isOwn = ({ folder }: GraphPackage): boolean =>
    folder === service.mainFolder || folder === service.path || isBelow(service.path, folder);
  const queue = [...graph.packages.values()].filter(isOwn).map(({ importPath }) => importPath);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const found = graph.packages.get(next);
    if (found === undefined) continue;
    queue.push(...found.imports);
    if (isOwn(found)) queue.push(...found.testImports);
  }
  return seen;
}
