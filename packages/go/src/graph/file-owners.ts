import { goPatternMatcher } from '@slipway/glob';
import { foldersAround } from '../module/index.ts';

const goSource = /\.(?:go|s|S|c|h|cc|cpp|cxx|hh|hpp|hxx|m|f|F|for|f90|swig|swigcxx|syso)$/;
const testdata = /(?:^|\/)testdata\//;
const documentation = /(?:^|\/)(?:[^/]+\.(?:md|markdown|rst|adoc)|LICENSE|CODEOWNERS|OWNERS)$/;
/** What people and other tools keep beside the sources of a program, at any depth. */
const housekeeping = /(?:^|\/)(?:\.github\/|\.gitignore$|\.gitattributes$|\.editorconfig$)/;
/** Longer patterns count as matching. */
const maxPatternLength = 1_000;
/** Characters of names times those of patterns, after which every pattern counts as matching: a few seconds. */
const maxSteps = 300_000_000;

interface EmbedMatcher {
  /** Of the pattern. */
  length: number;
  matches: (relative: string) => boolean;
}

/** Whether a changed file says nothing to programs by itself. */
export function isDocumentation(file: string): boolean {
  return (documentation.test(file) && !testdata.test(file)) || housekeeping.test(file);
}

/** The folder that a file lies in. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** Whether a file lies in a folder; the root is the empty string. */
export function isBelow(folder: string, file: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`);
}

/**
 * Tells the folders of the packages that a file is part of: those that embed it, and unless it is documentation
 * the nearest package at or above it; for Go sources its own folder, also when no package is left
 * there. A path that is now a folder, as that of a submodule, is part of all packages in it.
 */
export function fileOwners(graph: {
  packages: ReadonlyMap<string, { embeds: ReadonlySet<string> }>;
}): (file: string) => readonly string[] {
  const embedders = new Map<string, readonly EmbedMatcher[]>();
  for (const [folder, { embeds }] of graph.packages)
    if (embeds.size > 0) embedders.set(folder, [...embeds].map(embedMatcher));
  const holders = new Set([...graph.packages.keys()].flatMap(foldersAround));
  let steps = 0;
  const isEmbedded = (folder: string, file: string): boolean => {
    const relative = folder === '' ? file : file.slice(folder.length + 1);
    return (embedders.get(folder) ?? []).some(({ length, matches }) => {
      steps += relative.length * length;
      return steps > maxSteps || matches(relative);
    });
  };
  return (file) => {
    if (holders.has(file))
      return [...graph.packages.keys()].filter(
        (folder) => folder === file || isBelow(file, folder),
      );
    const around = foldersAround(folderOf(file));
    const owners = new Set(around.filter((folder) => isEmbedded(folder, file)));
    if (isDocumentation(file)) return [...owners];
    if (goSource.test(file)) owners.add(folderOf(file));
    const nearest = around.find((folder) => graph.packages.has(folder));
    if (nearest !== undefined) owners.add(nearest);
    return [...owners];
  };
}

/**
 * A pattern that matches a folder embeds all below it, so leading elements are enough. What Go would
 * not take as a pattern, or nobody writes, counts as matching: better a package too many than one too few.
 */
function embedMatcher(pattern: string): EmbedMatcher {
  const isAll = pattern === '.' || pattern.length > maxPatternLength;
  const matches = isAll ? undefined : goPatternMatcher(pattern);
  return { length: isAll ? 1 : pattern.length, matches: matches ?? (() => true) };
}
