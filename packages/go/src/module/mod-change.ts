import type { ModFile } from './mod-file.ts';

/** What a change of a module's go.mod or go.sum means. */
export interface DependencyChange {
  /** Whether every package of the module counts as changed. */
  everything: boolean;
  /** Paths of the modules whose packages may have changed; `any` when nobody can tell. */
  modules: ReadonlySet<string> | 'any';
}

/** A module's go.mod and the text of its go.sum. */
export interface ModuleVersions {
  mod: ModFile;
  sum: string;
}

/** Compares what two commits say of a module's dependencies. Comments and order mean nothing. */
export function compareVersions(before: ModuleVersions, after: ModuleVersions): DependencyChange {
  const modules = new Set([
    ...changedKeys(before.mod.requires, after.mod.requires),
    ...changedKeys(replacements(before.mod), replacements(after.mod)),
  ]);
  const [old, now] = [sumLines(before.sum), sumLines(after.sum)];
  const gone = [...old].filter((line) => !now.has(line));
  // A hash that is missing while the versions stay stops every build of the module.
  const hashed = new Set([...now].map(versionOf));
  const isUnexplained = modules.size === 0 && gone.some((line) => !hashed.has(versionOf(line)));
  for (const line of [...gone, ...[...now].filter((each) => !old.has(each))]) {
    const [path = '', version = ''] = line.split(' ');
    if (!version.endsWith('/go.mod')) modules.add(path);
  }
  const everything =
    isUnexplained ||
    before.mod.module !== after.mod.module ||
    !sameLines(before.mod.settings, after.mod.settings) ||
    !sameLines(before.mod.ignores, after.mod.ignores);
  return { everything, modules };
}

function changedKeys(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...before.keys(), ...after.keys()].filter((key) => before.get(key) !== after.get(key));
}

function replacements({ replaces }: ModFile): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { path, target } of replaces) found.set(path, `${found.get(path) ?? ''}${target}\n`);
  return found;
}

/** `path version` of a line of go.sum. */
function versionOf(line: string): string {
  return line.slice(0, line.lastIndexOf(' '));
}

function sumLines(text: string): ReadonlySet<string> {
  return new Set(text.split(/\r?\n/).filter((line) => line !== ''));
}

function sameLines(before: readonly string[], after: readonly string[]): boolean {
  return [...before].sort().join('\n') === [...after].sort().join('\n');
}
