import path from 'node:path';
import { root } from '../manifest.ts';
import { failuresOf, renderFailure } from './failures.ts';
import type { JestTest } from './jest-report.ts';

/** What jest tells a reporter of one file, as far as it is read here. */
interface FileResult {
  testFilePath: string;
  failureMessage?: string | null;
  testResults: readonly JestTest[];
  perfStats: { start: number; end: number };
}

/**
 * Tells one line for each file while the tests run, and of a failure the lines that matter alone; jest's
 * own reporter (`--verbose`) prints whole differences and stacks. The summary is the caller's.
 */
function briefReporter(): { onTestResult: (test: unknown, result: FileResult) => void } {
  return {
    onTestResult: (_, { testFilePath: name, failureMessage, testResults, perfStats }) => {
      const file = { name, message: failureMessage ?? '', assertionResults: testResults };
      const failures = failuresOf(file, root);
      const word = failures.length === 0 ? 'PASS' : 'FAIL';
      const seconds = ((perfStats.end - perfStats.start) / 1000).toFixed(1);
      const shown = path.relative(root, name).replaceAll(path.sep, '/');
      console.error(`${word} ${shown} (${testResults.length} tests, ${seconds} s)`);
      for (const failure of failures) console.error(renderFailure(failure));
    },
  };
}

// jest takes a reporter from a module's default export, and calls it with `new`.
export { briefReporter as default };
