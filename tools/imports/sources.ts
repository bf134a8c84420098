import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Every TypeScript file of a checkout by its path from the root, with slashes on every system. */
export type Sources = ReadonlyMap<string, string>;

const homes = ['actions', 'bench', 'packages', 'test', 'tools'];
/** Go and YAML for the most part, and never imported. */
const strangers = new Set(['node_modules', 'dist', 'test/fixtures/shop']);

function walk(root: string, folder: string, found: Map<string, string>): void {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (strangers.has(entry.name) || strangers.has(file)) continue;
    if (entry.isDirectory()) walk(root, file, found);
    else if (entry.name.endsWith('.ts'))
      found.set(file, readFileSync(path.join(root, file), 'utf8'));
  }
}

/** Reads the TypeScript of `root`: what git ignores is not told apart, but node_modules and dist are left out. */
export function readSources(root: string): Sources {
  const found = new Map<string, string>();
  const there = new Set(readdirSync(root));
  for (const home of homes.filter((name) => there.has(name))) walk(root, home, found);
  return found;
}
