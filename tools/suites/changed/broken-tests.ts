import { suiteOf, usualSuites, type SuiteName } from '../suites.ts';
import type { ReadFiles } from './read-files.ts';
import type { Needs } from './test-needs.ts';

/** What a change can break: suites as a whole, and of the others single files. */
export interface BrokenTests {
  suites: ReadonlySet<SuiteName>;
  /** Test files, sorted; those of `suites` are not repeated. */
  files: readonly string[];
}

/** Every file that needs one of `changed`, directly or through others, and these themselves. */
function dependents(needs: Needs, changed: readonly string[]): ReadonlySet<string> {
  const needed = new Map<string, string[]>();
  const folders: [folder: string, file: string][] = [];
  for (const [file, targets] of needs)
    for (const target of targets)
      if (target.endsWith('/')) folders.push([target, file]);
      else needed.set(target, [...(needed.get(target) ?? []), file]);
  const found = new Set<string>();
  const waiting = [...changed];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const here = file;
    const readers = folders.filter(([folder]) => here.startsWith(folder)).map(([, own]) => own);
    waiting.push(...(needed.get(file) ?? []), ...readers);
  }
  return found;
}

/**
 * The tests that a change of `changed` (paths from the root, also of files that are gone) can break.
 * A file that neither the graph nor the table knows breaks everything.
 */
export function brokenTests(
  changed: readonly string[],
  needs: Needs,
  table: readonly ReadFiles[],
): BrokenTests {
  const suites = new Set<SuiteName>();
  const reached = new Set(dependents(needs, changed));
  for (const file of changed) {
    const row = table.find(({ files }) => files.test(file));
    for (const suite of row?.suites ?? usualSuites) suites.add(suite);
    for (const test of row?.tests ?? []) reached.add(test);
  }
  const files = [...reached].filter((file) => {
    const suite = needs.has(file) ? suiteOf(file) : undefined;
    return suite !== undefined && !suites.has(suite);
  });
  return { suites, files: files.sort() };
}
