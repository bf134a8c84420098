import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { listPackages, type GoPackage } from '../graph/index.ts';
import { isCgoInPlay, packageInNeedOfCgo } from './cgo/cgo-need.ts';
import type { MainPackage, MainSearch } from './main-package.ts';
import {
  fileProgramName,
  isProgramName,
  programName,
  serviceName,
} from './program/program-name.ts';

type Problem = NonNullable<GoPackage['Error']>;

/** The mains that the patterns name, and what keeps some from being built. */
export interface ListedMains {
  mains: readonly MainPackage[];
  /** How many packages the patterns match. */
  matched: number;
  /** Packages that a pattern names, but build constraints leave out. */
  excluded: readonly string[];
  problems: readonly Problem[];
}

/** What `go list` says with cgo on or off. */
interface Listing {
  matched: readonly GoPackage[];
  byPath: ReadonlyMap<string, GoPackage>;
  search: MainSearch;
}

const excludedByConstraints = /build constraints exclude all Go files|no Go files in/;
const isExcluded = ({ Error }: GoPackage): boolean => excludedByConstraints.test(Error?.Err ?? '');
const isMain = (each: GoPackage): boolean => each.Name === 'main' && !isExcluded(each);

function problemsOf(each: GoPackage): readonly Problem[] {
  if (isExcluded(each)) return [];
  return [
    ...(each.Error === undefined ? [] : [each.Error]),
    ...(each.Name === 'main' ? (each.DepsErrors ?? []) : []),
  ];
}

async function list(exec: Exec, search: MainSearch, cgo: boolean): Promise<Listing> {
  const { dir, patterns, target, tags, signal } = search;
  const packages = await listPackages(exec, {
    dir,
    patterns,
    tags,
    deps: true,
    tolerant: true,
    env: { ...target.env, CGO_ENABLED: cgo ? '1' : '0' },
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    matched: packages.filter(({ DepOnly }) => DepOnly !== true),
    byPath: new Map(packages.map((each) => [each.ImportPath, each])),
    search,
  };
}

/**
 * The mains that match with cgo on, by name alone: a wildcard passes over a main that is nothing but C code
 * when cgo is off. `-find` reads no imports, which makes it cheap.
 */
async function namesWithCgo(exec: Exec, search: MainSearch): Promise<readonly string[]> {
  const { dir, patterns, target, tags, signal } = search;
  const packages = await listPackages(exec, {
    dir,
    patterns,
    tags,
    tolerant: true,
    flags: ['-find'],
    fields: ['ImportPath', 'Name'],
    env: { ...target.env, CGO_ENABLED: '1' },
    ...(signal === undefined ? {} : { signal }),
  });
  return packages.filter(({ Name }) => Name === 'main').map(({ ImportPath }) => ImportPath);
}

const closure = ({ ImportPath, Deps = [] }: GoPackage): readonly string[] => [ImportPath, ...Deps];

/** Named by files, a program has no import path (go/src/cmd/go/internal/load: GoFilesPackage). */
const ofFiles = 'command-line-arguments';

function goNameOf({ ImportPath, GoFiles = [], CgoFiles = [] }: GoPackage): string {
  const [file = ''] = [...GoFiles, ...CgoFiles];
  return ImportPath === ofFiles ? path.basename(file, '.go') : programName(ImportPath);
}

/** What it is called by its folders, one of files by the folder that they are in; as Go does where that is no name. */
function usualName(main: GoPackage, goName: string): string {
  const { ImportPath: importPath, Dir = '', Module } = main;
  const found =
    importPath === ofFiles
      ? fileProgramName(goName, path.basename(Dir))
      : serviceName(goName, { importPath, module: Module?.Path ?? importPath });
  return isProgramName(found) ? found : goName;
}

function describe(
  main: GoPackage,
  { byPath, search }: Listing,
  cgoFor: string | undefined,
): MainPackage {
  const goName = goNameOf(main);
  const packages = closure(main).flatMap((path) => byPath.get(path) ?? []);
  const modules = new Map(
    packages.flatMap(({ Module }) => (Module ? [[Module.Path, Module]] : [])),
  );
  return {
    importPath: main.ImportPath,
    name: usualName(main, goName),
    goName,
    sources: main.ImportPath === ofFiles ? search.patterns : [main.ImportPath],
    dir: main.Dir ?? '',
    cgoFor,
    files: [...(main.GoFiles ?? []), ...(main.CgoFiles ?? [])].map((file) =>
      path.join(main.Dir ?? '', file),
    ),
    packages: packages.map(({ ImportPath }) => ImportPath),
    modules: [...modules.values()].sort((a, b) => (a.Path < b.Path ? -1 : 1)),
  };
}

/** The first package outside the standard library that has C code. */
function packageWithC(main: GoPackage, { byPath }: Listing): string | undefined {
  return closure(main).find((path) => {
    const { Standard, CgoFiles = [] } = byPath.get(path) ?? {};
    return Standard !== true && CgoFiles.length > 0;
  });
}

function listed(matched: readonly GoPackage[], mains: readonly MainPackage[]): ListedMains {
  return {
    mains,
    matched: matched.length,
    excluded: matched.filter(isExcluded).map(({ ImportPath }) => ImportPath),
    problems: matched.flatMap(problemsOf),
  };
}

/** The mains as `go list` has them with cgo on, each by the C code that it has, or off. */
export async function listAsTold(
  exec: Exec,
  search: MainSearch,
  cgo: boolean,
): Promise<ListedMains> {
  const listing = await list(exec, search, cgo);
  const mains = listing.matched
    .filter(isMain)
    .map((main) => describe(main, listing, cgo ? packageWithC(main, listing) : undefined));
  return listed(listing.matched, mains);
}

/**
 * The mains with cgo off, but for those that cannot do without: they do not load, or a package of theirs
 * has nothing in the place of its C code. Lists a second time only when cgo would change anything.
 */
export async function listAsNeeded(exec: Exec, search: MainSearch): Promise<ListedMains> {
  const possible = search.target.cgoSupported;
  const [without, names] = await Promise.all([
    list(exec, search, false),
    possible ? namesWithCgo(exec, search) : [],
  ]);
  const found = without.matched.filter(isMain);
  const isMissed = names.some((name) => !found.some(({ ImportPath }) => ImportPath === name));
  const all = [...without.byPath.values()];
  if (!possible || !(isMissed || (await isCgoInPlay(all, search.target))))
    return listed(
      without.matched,
      found.map((main) => describe(main, without, undefined)),
    );
  const withCgo = await list(exec, search, true);
  const chosen = await Promise.all(
    withCgo.matched.map(async (main): Promise<{ from: GoPackage; main?: MainPackage }> => {
      if (!isMain(main)) return { from: main };
      const bare = without.byPath.get(main.ImportPath);
      if (bare === undefined || !isMain(bare) || problemsOf(bare).length > 0)
        return { from: main, main: describe(main, withCgo, packageWithC(main, withCgo)) };
      const other = describe(bare, without, undefined);
      const cgoFor = await packageInNeedOfCgo(closure(main), without.byPath, withCgo.byPath);
      return cgoFor === undefined
        ? { from: bare, main: other }
        : { from: main, main: { ...describe(main, withCgo, cgoFor), withoutCgo: other } };
    }),
  );
  return listed(
    chosen.map(({ from }) => from),
    chosen.flatMap(({ main }) => (main === undefined ? [] : [main])),
  );
}
