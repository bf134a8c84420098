import type { TestReport, TestResult } from '@slipway/go';

/** How the packages of a report ended; `passed` are those with tests. */
export interface PackageCounts {
  packages: number;
  passed: number;
  failed: number;
  cached: number;
}

/** How a run ended: tests that nobody has are neither passed nor failed. */
export type RunResult = 'passed' | 'failed' | 'no-tests';

/** Counts packages. */
export function countPackages({ packages }: TestReport): PackageCounts {
  const those = (outcome: string): typeof packages =>
    packages.filter((each) => each.outcome === outcome);
  return {
    packages: packages.length,
    passed: those('passed').length,
    failed: those('failed').length,
    cached: those('passed').filter(({ cached }) => cached).length,
  };
}

/** The verdict is the go command's; only what it says nothing about is read from the report. */
export function resultOf(report: TestReport, exitCode: number): RunResult {
  if (exitCode !== 0) return 'failed';
  return countPackages(report).passed === 0 ? 'no-tests' : 'passed';
}

/** Tests, subtests among them, by how they ended. */
export function countTests({
  packages,
}: TestReport): Readonly<Record<TestResult['outcome'], number>> {
  const counts = { passed: 0, failed: 0, skipped: 0, unfinished: 0 };
  for (const { tests } of packages) for (const { outcome } of tests) counts[outcome] += 1;
  return counts;
}
