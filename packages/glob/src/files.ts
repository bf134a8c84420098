import * as fs from 'node:fs/promises';
import path from 'node:path';
import { confine } from '@slipway/runtime';
import { boundedPattern, globAlternatives } from './bounded-pattern.ts';

/** Nobody means these, and they can be as large as everything else together. */
const passedOver = new Set(['.git', 'node_modules']);

interface FilePattern {
  takesOut: boolean;
  matches: (relative: string) => boolean;
  /** Whether it matches the path or a folder that the path is in. */
  covers: (relative: string) => boolean;
  /** Whether it can match something inside the folder. */
  reaches: (relative: string) => boolean;
}

/** Relative to `root` and with `/`; undefined for a pattern that leaves it, which has nothing to find. */
function relativePattern(root: string, pattern: string): string | undefined {
  const absolute = confine(root, pattern);
  if (absolute === undefined) return undefined;
  return path.relative(root, absolute).split(path.sep).join('/');
}

/** A line as patterns, one for each of its alternatives: `{../a,b}` names what one of them names. */
function filePatterns(root: string, line: string): FilePattern[] {
  const [, marks = '', glob = ''] = /^((?:!\s*)*)(.*)$/s.exec(line.trim()) ?? [];
  if (glob === '') return [];
  const takesOut = marks.replaceAll(/\s/g, '').length % 2 === 1;
  const how = { ignoreCase: process.platform === 'win32' };
  return globAlternatives(glob).flatMap((pattern) => {
    const relative = relativePattern(root, pattern);
    if (relative === undefined) return [];
    const exact = boundedPattern(relative, how);
    const below = boundedPattern(relative === '' ? '**' : `${relative}/**`, how);
    return [
      {
        takesOut,
        matches: (name: string) => exact.match(name),
        covers: (name: string) => exact.match(name) || below.match(name),
        reaches: (name: string) => below.match(name, true),
      },
    ];
  });
}

/** A file that patterns name. */
export interface FoundFile {
  /** Absolute. */
  file: string;
  /** Whether only a folder above it is named. */
  byFolder: boolean;
}

/**
 * The files below `root` that patterns name, in the way of @actions/glob, which actions/setup-go takes
 * its files from: a pattern that matches a folder names all in it, `!` takes out what earlier ones
 * named, later lines win. Besides, `{a,b}` works. Never outside `root`, nor in .git or node_modules, nor
 * through symbolic links. Throws an InputError for a pattern made to be slow.
 */
export async function findFiles(
  root: string,
  lines: readonly string[],
): Promise<readonly FoundFile[]> {
  const patterns = lines.flatMap((line) => filePatterns(root, line));
  const named = patterns.filter(({ takesOut }) => !takesOut);
  const found: FoundFile[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await fs
      .readdir(path.join(root, folder), { withFileTypes: true })
      .catch(() => []);
    for (const entry of entries) {
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !passedOver.has(entry.name)) {
        if (named.some(({ reaches }) => reaches(relative))) await visit(relative);
      } else if (entry.isFile()) {
        const last = patterns.findLast(({ covers }) => covers(relative));
        if (last === undefined || last.takesOut) continue;
        const byFolder = !named.some(({ matches }) => matches(relative));
        found.push({ file: path.join(root, relative), byFolder });
      }
    }
  };
  await visit('');
  return found;
}
