import type { AffectedBy } from './affected-services.ts';
import type { ChangedPackages } from './changed-packages.ts';
import type { ImportGraph } from './import-graph.ts';

/** What is tested of one module: patterns relative to its folder, `./...` for all of it. */
export interface ModuleTests {
  /** The module's folder; the root is the empty string. */
  module: string;
  patterns: readonly string[];
}

/** An import path that go takes; a folder with another name is tested with its whole module. */
const ordinary = /^[A-Za-z0-9._~+/-]*$/;

/**
 * What a change can break, module by module: the affected packages and those whose tests import them.
 * Only what has Go files on this machine: go refuses to vet or test a package that has none by its name.
 */
export function affectedTests(
  graph: ImportGraph,
  changed: ChangedPackages,
  affected: AffectedBy,
): readonly ModuleTests[] {
  if (changed.everything !== undefined) return allTests(graph);
  const folders = [...graph.packages.values()]
    .filter(
      ({ folder, testImports }) =>
        affected.has(folder) ||
        changed.tests.has(folder) ||
        [...testImports].some((each) => affected.has(each)),
    )
    .map(({ folder }) => folder);
  return testsOf(graph, folders, (module) => changed.modules.has(module));
}

/** Every module that has something to test, as a whole. */
export function allTests(graph: ImportGraph): readonly ModuleTests[] {
  return testsOf(graph, [...graph.packages.keys()], () => true);
}

/** The tests of packages, given by their folders; of some modules all. */
export function testsOf(
  graph: ImportGraph,
  folders: Iterable<string>,
  isWhole: (module: string) => boolean,
): readonly ModuleTests[] {
  const patterns = new Map<string, string[]>();
  for (const folder of folders) {
    const found = graph.packages.get(folder);
    if (found === undefined || found.testableWith.size === 0) continue;
    const home = found.module.folder;
    const inside = home === '' ? folder : folder.slice(home.length + 1);
    const isOne = ordinary.test(inside) && !isWhole(home);
    const pattern = isOne ? packagePattern(inside) : './...';
    patterns.set(home, [...(patterns.get(home) ?? []), pattern]);
  }
  return [...patterns]
    .map(([module, each]) => ({
      module,
      patterns: each.includes('./...') ? ['./...'] : each.sort(),
    }))
    .sort((a, b) => (a.module < b.module ? -1 : 1));
}

function packagePattern(inside: string): string {
  return inside === '' ? '.' : `./${inside}`;
}
