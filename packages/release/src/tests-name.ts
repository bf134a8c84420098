import { createHash } from 'node:crypto';
import type { TestEntry } from './test-entry.ts';

const digits = 32;

function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, digits);
}

/**
 * Names for some tests of a tree, and for all of them: two runs with the same name on the same tree run the
 * same. `settings` is what the tests depend on besides the tree.
 */
export function testsNames(
  tests: readonly TestEntry[],
  { every, settings }: { every: readonly TestEntry[]; settings: string },
): { tests: string; all: string } {
  const all = `all-${digest(settings)}`;
  const [some, whole] = [tests, every].map((entries) => JSON.stringify(entries));
  return { tests: some === whole ? all : `some-${digest(settings, some ?? '')}`, all };
}
