import { modLines } from './mod-lines.ts';

/** A `replace` line: what is asked for, and what is taken instead. */
export interface Replacement {
  path: string;
  /** A folder (it begins with `./`, `../` or `/`), or a module path with its version. */
  target: string;
}

/** What a go.mod or go.work file says, as far as it decides what is built. */
export interface ModFile {
  /** The module's path; undefined in a go.work, and in a go.mod that has none. */
  module: string | undefined;
  /** Version by path, direct or not. */
  requires: ReadonlyMap<string, string>;
  replaces: readonly Replacement[];
  /** Folders of a go.work, as written. */
  uses: readonly string[];
  /** Folders that patterns pass over (Go 1.25), as written. */
  ignores: readonly string[];
  /** Every other line that a build depends on, such as those of go, toolchain, godebug and exclude. */
  settings: readonly string[];
}

/** Say nothing about what is built of this module. */
const withoutEffect = new Set(['retract', 'tool']);

/** Reads a go.mod or a go.work. What it does not know is kept among the settings. */
export function parseModFile(text: string): ModFile {
  let module: string | undefined;
  const requires = new Map<string, string>();
  const replaces: Replacement[] = [];
  const uses: string[] = [];
  const ignores: string[] = [];
  const settings: string[] = [];
  for (const { verb, words } of modLines(text)) {
    const [first = '', second = ''] = words;
    if (verb === 'module') module = first;
    else if (verb === 'require') requires.set(first, second);
    else if (verb === 'replace') {
      const target = words.slice(words.indexOf('=>') + 1).join(' ');
      replaces.push({ path: first, target });
    } else if (verb === 'use') uses.push(first);
    else if (verb === 'ignore') ignores.push(first);
    else if (!withoutEffect.has(verb)) settings.push([verb, ...words].join(' '));
  }
  return { module, requires, replaces, uses, ignores, settings };
}

/** Whether a replacement names a folder rather than a module (go.dev/ref/mod#go-mod-file-replace). */
export function isFolder(target: string): boolean {
  return /^(?:\.{1,2}(?:\/|$)|\/)/.test(target);
}

/** Whether a folder is one that the go command passes over, or holds other people's modules. */
export function isPassedOver(folder: string): boolean {
  return /(?:^|\/)(?:[._][^/]*|testdata|vendor|node_modules)(?:\/|$)/.test(folder);
}
