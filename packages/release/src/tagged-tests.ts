import {
  packagesOf,
  tagSetName,
  testsOf,
  type ImportGraph,
  type ModuleTests,
  type ModuleTree,
} from '@slipway/go';
import { serviceFiles, type Repository, type Service } from './service/index.ts';

/** Tests of one module under one set of build tags. */
export interface TaggedTests extends ModuleTests {
  /** Sorted, each once. */
  tags: readonly string[];
  /** Whether they are those of some services alone, beside the tests of the module itself. */
  ofSome: boolean;
}

/**
 * Tests under the build tags with which what they test is built. A module is tested with the tags that all
 * services made of it have, else with `usual`; then the packages of the services that have others are tested
 * once more, with theirs. `usual` is what is said of every service; none when every one says something else.
 */
export function taggedTests(
  { graph, modules }: Pick<Repository, 'graph' | 'modules'>,
  services: readonly Service[],
  { tests, usual }: { tests: readonly ModuleTests[]; usual: readonly string[] },
): readonly TaggedTests[] {
  const testable = testableIn(graph);
  const tagged = (each: ModuleTests, tags: readonly string[], ofSome: boolean): TaggedTests[] => {
    const patterns = testable(each, tags);
    return patterns.length === 0 ? [] : [{ module: each.module, patterns, tags, ofSome }];
  };
  const sets = tagSets(services);
  // What nobody is built with was not listed either, so that it is not known what there is to test.
  const common = sets.find(({ tags }) => tagSetName(tags) === tagSetName(usual))?.tags ?? [];
  // As nearly always; who is made of what takes a while to tell for hundreds of services.
  if (sets.every(({ tags }) => tags === common || tags.length + common.length === 0))
    return tests.flatMap((each) => tagged(each, common, false));
  const made = sets.map(({ tags, services: some }) => ({
    tags,
    patterns: graph === undefined ? ownModules(modules, some) : ofPackages(graph, services, some),
  }));
  return tests.flatMap((each) => {
    const { module } = each;
    const here = made.filter(({ patterns }) => patterns.has(module));
    const [only] = here;
    if (here.length === 1 && only !== undefined) return tagged(each, only.tags, false);
    return [
      ...tagged(each, common, false),
      ...here
        .filter(({ tags }) => tagSetName(tags) !== tagSetName(common))
        .flatMap(({ tags, patterns }) => {
          const shared = inBoth(each.patterns, patterns.get(module) ?? []);
          return tagged({ module, patterns: shared }, tags, true);
        }),
    ];
  });
}

/** Those of `tests` that need no build tags. */
export function untaggedTests(
  graph: ImportGraph | undefined,
  tests: readonly ModuleTests[],
): readonly ModuleTests[] {
  const testable = testableIn(graph);
  return tests
    .map((each) => ({ module: each.module, patterns: testable(each, []) }))
    .filter(({ patterns }) => patterns.length > 0);
}

/** Of tests those that have Go files under some build tags: go refuses a package that has none by its name. */
function testableIn(
  graph: ImportGraph | undefined,
): (tests: ModuleTests, tags: readonly string[]) => readonly string[] {
  if (graph === undefined) return ({ patterns }) => patterns;
  const modules = new Set<string>();
  for (const { module, testableWith } of graph.packages.values())
    for (const name of testableWith) modules.add(JSON.stringify([module.folder, name]));
  return ({ module, patterns }, tags) => {
    const name = tagSetName(tags);
    return patterns.filter((pattern) => {
      if (pattern === './...') return modules.has(JSON.stringify([module, name]));
      const folder = [module, pattern.slice(2)].filter((part) => part !== '').join('/');
      return graph.packages.get(folder)?.testableWith.has(name) === true;
    });
  };
}

function sorted(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)].sort();
}

/** The services by their build tags. */
function tagSets(
  services: readonly Service[],
): readonly { tags: readonly string[]; services: readonly Service[] }[] {
  const sets = new Map<string, Service[]>();
  for (const service of services) {
    const name = tagSetName(service.tags);
    sets.set(name, [...(sets.get(name) ?? []), service]);
  }
  return [...sets.values()].map((some) => ({ tags: sorted(some[0]?.tags ?? []), services: some }));
}

/** By module, the packages that some of the services are made of. */
function ofPackages(
  graph: ImportGraph,
  all: readonly Service[],
  some: readonly Service[],
): ReadonlyMap<string, readonly string[]> {
  const files = all.map(serviceFiles);
  const names = some.map(({ name }) => name);
  const tests = testsOf(graph, packagesOf(graph, files, names), () => false);
  return new Map(tests.map(({ module, patterns }) => [module, patterns]));
}

/** Without an import graph, all of the module that a service's program is in. */
function ownModules(
  modules: ModuleTree,
  services: readonly Service[],
): ReadonlyMap<string, readonly string[]> {
  const folders = services.flatMap(({ mainFolder }) => {
    const module = modules.moduleOf(mainFolder === '.' ? '' : mainFolder);
    return module === undefined ? [] : [module.folder];
  });
  return new Map(folders.map((folder) => [folder, ['./...']]));
}

/** `./...` is every package. */
function inBoth(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.includes('./...')) return other;
  return other.includes('./...') ? one : one.filter((pattern) => other.includes(pattern));
}
