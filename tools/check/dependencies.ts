import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { licenceFile, licensedPackages } from '../bundle/licences.ts';

/** Packages from elsewhere that this repository uses. */
export interface UsedPackages {
  /** In a bundle: declared by a package or an action, or named by a bundle's licences. */
  bundled: ReadonlySet<string>;
  /** What these need in turn; its code may be in a bundle. */
  needed: ReadonlySet<string>;
  /** For building, checking and testing alone. */
  tools: ReadonlySet<string>;
}

interface PackageJson {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Name to what each package needs, of the places in a lock file. */
type Lock = ReadonlyMap<string, ReadonlySet<string>>;

function readLock(text: string): Lock {
  const { packages } = JSON.parse(text) as { packages: Record<string, PackageJson> };
  const lock = new Map<string, Set<string>>();
  for (const [place, { dependencies = {} }] of Object.entries(packages)) {
    const name = /.*node_modules\/(.+)/.exec(place)?.[1];
    if (name === undefined) continue;
    lock.set(name, new Set([...(lock.get(name) ?? []), ...Object.keys(dependencies)]));
  }
  return lock;
}

/** All that `names` need, and what that needs, themselves included. */
function closure(names: ReadonlySet<string>, lock: Lock): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...(lock.get(name) ?? []));
  }
  return found;
}

/** Reads what the checkout at `root` uses from its manifests, its lock file and dist/. */
export function usedPackages(root: string): UsedPackages {
  const read = (...parts: string[]): string => readFileSync(path.join(root, ...parts), 'utf8');
  const lock = readLock(read('package-lock.json'));
  const locked = [...lock.keys()];
  const bundled = new Set<string>();
  for (const home of ['packages', 'actions'])
    for (const name of readdirSync(path.join(root, home))) {
      if (!existsSync(path.join(root, home, name, 'package.json'))) continue;
      const { dependencies = {} } = JSON.parse(read(home, name, 'package.json')) as PackageJson;
      for (const one of Object.keys(dependencies)) bundled.add(one);
    }
  const dist = path.join(root, 'dist');
  for (const name of existsSync(dist) ? readdirSync(dist) : []) {
    if (!existsSync(path.join(dist, name, licenceFile))) continue;
    for (const one of licensedPackages(read('dist', name, licenceFile), locked)) bundled.add(one);
  }
  for (const one of bundled) if (one.startsWith('@slipway/')) bundled.delete(one);
  const { devDependencies = {} } = JSON.parse(read('package.json')) as PackageJson;
  const tools = new Set(Object.keys(devDependencies));
  return { bundled, needed: closure(bundled, lock), tools };
}

/** One row of the page's tables: the packages that it names first, and its kind. */
interface Row {
  names: readonly string[];
  kind: string;
}

function rowsOf(page: string): readonly Row[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => {
      const [what = '', kind = ''] = line.slice(1).split(/(?<!\\)\|/);
      const names = [...what.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      return { names, kind: kind.trim() };
    });
}

/**
 * Where docs/dependencies.md and what is used differ: a bundled package that no row of kind `library`
 * names first, a tool that no row names first, and a row of kind `library` or `tool` for what is gone.
 */
export function dependencyProblems(page: string, used: UsedPackages): readonly string[] {
  const rows = rowsOf(page);
  const named = (kinds: readonly string[]): ReadonlySet<string> =>
    new Set(rows.filter(({ kind }) => kinds.includes(kind)).flatMap(({ names }) => names));
  const libraries = named(['library']);
  const tools = named(['tool']);
  const where = 'docs/dependencies.md';
  return [
    ...[...used.bundled]
      .filter((name) => !libraries.has(name))
      .map((name) => `${where} has no row of kind library for ${name}, which is in a bundle`),
    ...[...used.tools]
      .filter((name) => !libraries.has(name) && !tools.has(name))
      .map((name) => `${where} has no row for the tool ${name}`),
    ...[...libraries]
      .filter((name) => !used.bundled.has(name) && !used.needed.has(name))
      .map((name) => `${where} names the library ${name}, which is in no bundle`),
    ...[...tools]
      .filter((name) => !used.tools.has(name))
      .map((name) => `${where} names the tool ${name}, which package.json does not have`),
  ];
}
