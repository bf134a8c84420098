import type { BrokenTests } from './changed/broken-tests.ts';
import { suiteOf, type SuiteName } from './suites.ts';

/** One suite to run; without `files` all of it. */
export interface PlannedSuite {
  suite: SuiteName;
  files?: readonly string[];
}

/** What to run of the chosen suites: all of each, or what a change can break. */
export function planSuites(
  chosen: readonly SuiteName[],
  broken: BrokenTests | undefined,
): readonly PlannedSuite[] {
  return chosen.flatMap((suite): readonly PlannedSuite[] => {
    if (broken === undefined || broken.suites.has(suite)) return [{ suite }];
    const files = broken.files.filter((file) => suiteOf(file) === suite);
    return files.length === 0 ? [] : [{ suite, files }];
  });
}
