import path from 'node:path';
import ts from 'typescript';
import type { Sources } from './sources.ts';

/** For each file the files of the checkout that it imports, types included. Targets need not exist. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The file that a specifier leads to, or undefined when it is a package from elsewhere. */
function target(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.'))
    return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  const own = /^@slipway\/(action-)?([^/]+)$/.exec(specifier);
  if (own === null) return undefined;
  return `${own[1] === undefined ? 'packages' : 'actions'}/${own[2] ?? ''}/src/index.ts`;
}

/** The imports of one file: static, re-exported, dynamic with a literal, and of types alone. */
export function importsOf(file: string, text: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const found = importedFiles.map(({ fileName }) => target(file, fileName));
  return [...new Set(found)].filter((one) => one !== undefined);
}

/** The graph of all imports between the files of `sources`. */
export function importGraph(sources: Sources): ImportGraph {
  return new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
}
