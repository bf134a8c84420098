import path from 'node:path';
import type { JestReport } from './jest-report.ts';

/** One test and how long it took. */
export interface TimedTest {
  name: string;
  file: string;
  ms: number;
}

/** What is quicker than this is of no interest. */
const leastMs = 100;

/** The `count` tests that took longest, the slowest first. What `beforeAll` did is nobody's time. */
export function slowestTests(
  reports: readonly JestReport[],
  root: string,
  count: number,
): readonly TimedTest[] {
  return reports
    .flatMap(({ testResults }) => testResults)
    .flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, duration }) => ({
        name: fullName,
        file: path.relative(root, name).replaceAll(path.sep, '/'),
        ms: duration ?? 0,
      })),
    )
    .filter(({ ms }) => ms >= leastMs)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, count);
}

/** The report as a table: seconds, file, test. */
export function renderSlowest(tests: readonly TimedTest[]): string {
  const rows = tests.map(
    ({ name, file, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${file}: ${name}`,
  );
  return [`The slowest ${tests.length} tests:`, ...rows].join('\n');
}
