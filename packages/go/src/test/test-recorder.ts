import { packageOutput, type PackageOutput } from './package-output.ts';
import { readTestEvent, type TestEvent } from './test-event.ts';
import type { PackageResult, TestReport, TestResult } from './test-report.ts';

/** Reads `go test -json` line by line. */
export interface TestRecorder {
  /** A line of standard output; one that is no event is handed on and kept. */
  line: (line: string) => void;
  /** A line of standard error. */
  stray: (line: string) => void;
  /** What was told so far. */
  report: () => TestReport;
}

type Running = Omit<TestResult, 'lines' | 'outcome'> & { outcome: TestResult['outcome'] };

interface RunningPackage {
  tests: Map<string, Running>;
  output: PackageOutput;
}

const mostStray = 1_000;
/** `ok`, `?` or blanks, then the import path: the line that go prints of a package without failures. */
const verdictLine = /^(?:ok {2}|\? {3}|)\t/;
const passing = new Map<string, TestResult['outcome']>([
  ['pass', 'passed'],
  ['fail', 'failed'],
  ['skip', 'skipped'],
]);
/** A line of t.Log, and those that follow it. */
const logged = /^ {4,}(?:\S+\.go:\d+: | {4})/;

/** What `go test` without -v leaves out: the frames around each test, and the log of those that passed. */
function forPeople(test: Running, lines: readonly string[]): readonly string[] {
  const kept = lines.filter((line) => !/^=== (?:PAUSE|CONT|NAME)\s/.test(line));
  if (test.outcome === 'failed' || test.outcome === 'unfinished') return kept;
  return kept.filter(
    (line) => !/^(?:=== RUN\s|\s*--- (?:PASS|SKIP): )/.test(line) && !logged.test(line),
  );
}

function packageResult({ tests, output }: RunningPackage, event: TestEvent): PackageResult {
  const lines = output.linesOf('');
  const failed = event.Action === 'fail';
  const verdict = lines.findLast((line) => verdictLine.test(line)) ?? '';
  const none =
    event.Action === 'skip' || !verdict.startsWith('ok') || verdict.includes('[no tests to run]');
  const unfailed = none ? 'no-tests' : 'passed';
  const importPath = event.Package ?? '';
  // Go before 1.24 has no FailedBuild.
  const unbuilt = lines.some((line) => /^FAIL\t.* \[(?:build|setup) failed\]$/.test(line));
  return {
    importPath,
    outcome: failed ? 'failed' : unfailed,
    cached: !failed && verdict.includes('(cached)'),
    seconds: event.Elapsed ?? 0,
    tests: [...tests.values()].map(({ name, outcome, seconds }) => ({
      name,
      outcome,
      seconds,
      lines: failed && outcome !== 'passed' ? output.linesOf(name) : [],
    })),
    lines: failed ? lines : [],
    failedBuild: event.FailedBuild ?? (unbuilt ? importPath : undefined),
  };
}

/** The lines that people read of a package that ended: one when it passed, everything when it failed. */
function shownLines(ended: RunningPackage, failed: boolean): readonly string[] {
  const own = ended.output.linesOf('');
  if (!failed) return own.filter((line) => verdictLine.test(line)).slice(-1);
  const ofTests = [...ended.tests.values()].flatMap((test) =>
    forPeople(test, ended.output.linesOf(test.name)),
  );
  return [...ofTests, ...own];
}

/**
 * Records what `go test -json` tells, and hands on what `go test` would print for people: of a package
 * that passed a line, of one that failed everything, when it ended, so that packages that are tested
 * side by side do not mix.
 */
export function testRecorder(print: (line: string) => void): TestRecorder {
  const running = new Map<string, RunningPackage>();
  const packages: PackageResult[] = [];
  const builds = new Map<string, string[]>();
  const stray: string[] = [];
  const addStray = (line: string): void => {
    print(line);
    if (stray.length < mostStray) stray.push(line);
  };
  const packageOf = (name: string): RunningPackage => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const tests = new Map<string, Running>();
    const isPassed = (test: string): boolean => tests.get(test)?.outcome === 'passed';
    const begun = { tests, output: packageOutput(isPassed) };
    running.set(name, begun);
    return begun;
  };
  const onBuild = (importPath: string, event: TestEvent): void => {
    if (event.Action !== 'build-output') return;
    const lines = (event.Output ?? '').replace(/\n$/, '').split('\n');
    builds.set(importPath, [...(builds.get(importPath) ?? []), ...lines]);
    lines.forEach(print);
  };
  const onTest = (current: RunningPackage, name: string, event: TestEvent): void => {
    const test = current.tests.get(name) ?? { name, outcome: 'unfinished', seconds: 0 };
    current.tests.set(name, test);
    if (event.Action === 'output') current.output.add(name, event.Output ?? '');
    const outcome = passing.get(event.Action);
    if (outcome === undefined) return;
    current.tests.set(name, { name, outcome, seconds: event.Elapsed ?? 0 });
  };
  const onPackage = (current: RunningPackage, event: TestEvent): void => {
    if (event.Action === 'output') current.output.add('', event.Output ?? '');
    if (!passing.has(event.Action)) return;
    running.delete(event.Package ?? '');
    packages.push(packageResult(current, event));
    shownLines(current, event.Action === 'fail').forEach(print);
  };
  return {
    line: (line) => {
      const event = readTestEvent(line);
      if (event === undefined) addStray(line);
      else if (event.Package === undefined) onBuild(event.ImportPath ?? '', event);
      else if (event.Test === undefined) onPackage(packageOf(event.Package), event);
      else onTest(packageOf(event.Package), event.Test, event);
    },
    stray: addStray,
    // Packages that were still running when go was killed.
    report: () => ({
      packages: [
        ...packages,
        ...[...running].map(([name, current]) =>
          packageResult(current, { Action: 'fail', Package: name }),
        ),
      ],
      builds,
      stray,
    }),
  };
}
