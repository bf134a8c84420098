import { readFileSync } from 'node:fs';

interface StatsModule {
  identifier?: string;
  modules?: readonly StatsModule[];
}

function names(modules: readonly StatsModule[] | undefined, found: Set<string>): void {
  for (const { identifier = '', modules: inner } of modules ?? []) {
    // Before the last exclamation mark stand loaders, which are no part of the bundle.
    const file = (identifier.split('!').at(-1) ?? '').replaceAll('\\', '/');
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
    if (name !== undefined) found.add(name);
    names(inner, found);
  }
}

/** Packages from elsewhere with code in a bundle, sorted, from the file that ncc writes with --stats-out. */
export function bundledPackages(statsFile: string): readonly string[] {
  const { modules } = JSON.parse(readFileSync(statsFile, 'utf8')) as StatsModule;
  const found = new Set<string>();
  names(modules, found);
  return [...found].filter((name) => !name.startsWith('@slipway/')).sort();
}
