import { BuildFailure, essentialLines, headline, type TestReport } from '@slipway/go';
import { renderStepSummary, type StepSummary } from '@slipway/report';
import {
  ActionError,
  count,
  errorMessage,
  formatDuration,
  InputError,
  type TimedPart,
} from '@slipway/runtime';
import { failureTitle } from './annotations.ts';
import type { PlacedFailure } from './placed-failure.ts';
import { countPackages, countTests, type RunResult } from './test-counts.ts';

/** What a run of tests is told from. */
interface TestsToTell {
  report: TestReport;
  result: RunResult;
  failures: readonly PlacedFailure[];
  parts: readonly TimedPart[];
  /** Why the race detector did not look on; undefined when it did. */
  raceless: string | undefined;
}

const mostFailures = 30;
const mostLines = 60;
const slowest = 10;

function facts({ report, result, failures, raceless }: TestsToTell): [string, string][] {
  const { packages, passed, failed, cached } = countPackages(report);
  const tests = countTests(report);
  const shown: [string, string][] = [
    ['packages', result === 'no-tests' ? `${packages}, none has tests` : String(packages)],
    ['packages that passed', String(passed)],
    ['of these from the cache', String(cached)],
    ['packages that failed', String(failed)],
    ['packages without tests', String(packages - passed - failed)],
    [
      'tests',
      `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped${tests.unfinished === 0 ? '' : `, ${tests.unfinished} did not finish`}`,
    ],
    ['race detector', raceless === undefined ? 'on' : `off: ${raceless}`],
  ];
  const unseen = failures.length - mostFailures;
  if (unseen > 0) shown.push(['failures not shown here', `${unseen}, see the log`]);
  return shown;
}

/** Tests without subtests, which would be counted twice, by their time. */
function slowestTests({ packages }: TestReport): StepSummary['details'] {
  const leaves = packages.flatMap(({ importPath, tests }) => {
    const parents = new Set(
      tests.flatMap(({ name }) =>
        name.split('/').map((_, index, parts) => parts.slice(0, index).join('/')),
      ),
    );
    return tests
      .filter(({ name, seconds }) => seconds > 0 && !parents.has(name))
      .map(({ name, seconds }) => ({ name, seconds, importPath }));
  });
  const first = leaves.sort((a, b) => b.seconds - a.seconds).slice(0, slowest);
  if (first.length === 0) return [];
  const text = first
    .map(
      ({ name, seconds, importPath }) =>
        `${formatDuration(seconds * 1_000).padStart(8)}  ${name}  ${importPath}`,
    )
    .join('\n');
  return [{ title: `The slowest ${count(first.length, 'test')}`, text }];
}

/** Counts, what failed with the lines that say why, and the slowest tests. */
export function resultSummary(told: TestsToTell): string {
  const { result, failures, parts, report } = told;
  const [first] = failures;
  const outcome = { passed: 'ok', failed: 'failed', 'no-tests': 'warning' } as const;
  const details = failures.slice(0, mostFailures).map((failure) => ({
    title: failureTitle(failure),
    text: essentialLines(failure, mostLines).join('\n') || '(it printed nothing)',
  }));
  return renderStepSummary({
    title: 'go-test',
    outcome: outcome[result],
    facts: facts(told),
    parts,
    ...(first === undefined ? {} : { cause: `${failureTitle(first)}: ${headline(first)}` }),
    details: [...details, ...(slowestTests(report) ?? [])],
  });
}

/** Why no test was run. */
export function failureSummary(error: unknown, parts: readonly TimedPart[]): string {
  const next = error instanceof InputError || error instanceof ActionError ? error.next : undefined;
  return renderStepSummary({
    title: 'go-test',
    outcome: 'failed',
    facts: [],
    parts,
    cause:
      error instanceof BuildFailure ? (error.message.split('\n')[0] ?? '') : errorMessage(error),
    ...(next === undefined ? {} : { next }),
    ...(error instanceof BuildFailure
      ? { details: [{ title: 'What go vet printed', text: error.output.slice(-20_000) }] }
      : {}),
  });
}
