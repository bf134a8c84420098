import { promises as fs } from 'node:fs';
import { ExecError, type Exec } from '@slipway/exec';
import {
  importGraph,
  listSources,
  packagesOf,
  readLinks,
  readModules,
  type ImportGraph,
  type ModuleTree,
  type ServiceFiles,
  type SourceBuild,
  type SymbolicLink,
} from '@slipway/go';
import { packedPlace } from './packed-files.ts';
import type { Service } from './service.ts';

/** The Go sources of a checkout. */
export interface Repository {
  /** Absolute, links resolved: the go command prints folders so. */
  root: string;
  modules: ModuleTree;
  links: readonly SymbolicLink[];
  /** Who imports whom; undefined when go could not tell, with the reason. */
  graph: ImportGraph | undefined;
  /** Why there is no graph; empty when there is one. */
  whyNot: string;
  /** What is built of it. */
  builds: readonly SourceBuild[];
}

/** Reads the modules of the checkout at `root` and, when go can, who imports whom under any of `builds`. */
export async function readRepository(
  exec: Exec,
  root: string,
  builds: readonly SourceBuild[],
): Promise<Repository> {
  const real = await fs.realpath(root);
  const modules = await readModules(exec, real);
  const links = await readLinks(exec, real);
  try {
    const graph = importGraph(modules, await listSources(exec, real, builds));
    return { root: real, modules, links, graph, whyNot: '', builds };
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    const whyNot = `the import graph could not be read (${error.message.split('\n')[0]})`;
    return { root: real, modules, links, graph: undefined, whyNot, builds };
  }
}

/** A service as the import graph is asked about it. */
export function serviceFiles({
  name,
  path,
  mainFolder,
  sharedPaths,
  packedFiles,
}: Service): ServiceFiles {
  return {
    name,
    path: path === '.' ? '' : path,
    mainFolder: mainFolder === '.' ? '' : mainFolder,
    sharedPaths,
    packedFiles,
  };
}

/** The folders that a service is made of: its own, its charts', those of its packages and what is packed with it; `.` for the root. */
export function serviceFolders(
  { graph }: Repository,
  services: readonly Service[],
  service: Service,
): readonly string[] {
  const packages =
    graph === undefined ? [] : packagesOf(graph, services.map(serviceFiles), [service.name]);
  const packed = service.packedFiles.map(packedPlace);
  const folders = [
    service.path,
    service.mainFolder,
    ...service.sharedPaths,
    ...packed,
    ...packages,
  ];
  return [...new Set(folders.map((folder) => folder || '.'))];
}
