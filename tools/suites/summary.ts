import type { JestReport } from './jest-report.ts';
import { failuresOf, renderFailure } from './failures.ts';
import { renderSlowest, slowestTests } from './slowest.ts';
import type { SuiteName } from './suites.ts';

/** How one suite ended. */
export interface SuiteOutcome {
  suite: SuiteName;
  exitCode: number;
  /** Undefined when jest could not begin. */
  report: JestReport | undefined;
  ms: number;
}

/** What is told at the end; the last line of `text` is `N passed, N failed` and nothing else. */
export interface Summary {
  text: string;
  passed: number;
  failed: number;
}

const shownSlowest = 20;

/** What went wrong in a suite; a failed exit that no test explains counts as one. */
function failedIn({ exitCode, report }: SuiteOutcome): number {
  const { numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report ?? {};
  // A skipped test proves nothing, so it counts as failed; so does a file that could not run.
  const broken =
    numFailedTests + numPendingTests + numTodoTests + (report?.numRuntimeErrorTestSuites ?? 0);
  return exitCode !== 0 && broken === 0 ? 1 : broken;
}

function troubles({ suite, exitCode, report }: SuiteOutcome, root: string): readonly string[] {
  const failures = (report?.testResults ?? []).flatMap((file) => failuresOf(file, root));
  const unexplained =
    exitCode !== 0 && failures.length === 0
      ? [`✗ the ${suite} tests: jest ended with exit code ${exitCode}; its words are above`]
      : [];
  return [...failures.map(renderFailure), ...unexplained];
}

/**
 * The end of `npm test`: the slowest tests, each failure in a few lines, times, and the counts. `left`
 * are the namespaces of the lab that tests made and did not remove; each counts as a failure.
 */
export function summaryOf(
  outcomes: readonly SuiteOutcome[],
  left: readonly string[],
  root: string,
): Summary {
  const reports = outcomes.map(({ report }) => report).filter((report) => report !== undefined);
  const passed = reports.reduce((sum, { numPassedTests }) => sum + numPassedTests, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + failedIn(outcome), left.length);
  const slowest = slowestTests(reports, root, shownSlowest);
  const times = outcomes.map(
    (outcome) =>
      `${outcome.suite}: ${outcome.report?.numPassedTests ?? 0} passed, ${failedIn(outcome)} failed in ${Math.round(outcome.ms / 1000)} s`,
  );
  const sections = [
    slowest.length === 0 ? '' : renderSlowest(slowest),
    [
      ...outcomes.flatMap((outcome) => troubles(outcome, root)),
      ...left.map((name) => `✗ a test left the namespace ${name} in the lab`),
    ].join('\n'),
    times.join('\n'),
    `${passed} passed, ${failed} failed`,
  ];
  return { text: `\n${sections.filter((text) => text !== '').join('\n\n')}`, passed, failed };
}
