/** How one test ended; `unfinished` is one that its package's end cut off. */
export interface TestResult {
  name: string;
  outcome: 'passed' | 'failed' | 'skipped' | 'unfinished';
  seconds: number;
  /** What it printed, when it is part of a package that failed and did not pass itself. */
  lines: readonly string[];
}

/** How the tests of one package ended. */
export interface PackageResult {
  importPath: string;
  /** `no-tests`: there is no test file, or none of its tests was to be run. */
  outcome: 'passed' | 'failed' | 'no-tests';
  /** Go took the result from its cache. */
  cached: boolean;
  seconds: number;
  /** In the order in which they began. */
  tests: readonly TestResult[];
  /** What it printed outside of its tests, when it failed. */
  lines: readonly string[];
  /** The import path of the build that failed, which may be that of another package. */
  failedBuild: string | undefined;
}

/** All that one `go test -json` told. */
export interface TestReport {
  /** In the order in which they ended. */
  packages: readonly PackageResult[];
  /** What compilers printed, by the import path of a build that failed. */
  builds: ReadonlyMap<string, readonly string[]>;
  /** Lines that are no events: warnings of go, and builds before Go 1.24. At most a thousand. */
  stray: readonly string[];
}

/** One root cause of a red run. */
export interface TestFailure {
  kind: 'test' | 'panic' | 'race' | 'timeout' | 'build' | 'package';
  importPath: string;
  /** Undefined when no single test failed: a build, a TestMain. */
  test: string | undefined;
  /** What was printed about it. */
  lines: readonly string[];
}

const frame = /^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)\s|--- (?:FAIL|SKIP|PASS): )/;

function kindOf(lines: readonly string[]): TestFailure['kind'] {
  if (lines.some((line) => line.startsWith('panic: test timed out after '))) return 'timeout';
  if (lines.some((line) => /^(?:panic: |fatal error: )/.test(line))) return 'panic';
  return lines.includes('WARNING: DATA RACE') ? 'race' : 'test';
}

/** A test fails with its subtests; it is a cause of its own when it said something itself. */
function failedTests(result: PackageResult): readonly TestResult[] {
  const failed = result.tests.filter(({ outcome }) => outcome === 'failed');
  const own = failed.filter(
    ({ name, lines }) =>
      lines.some((line) => !frame.test(line)) ||
      !failed.some((other) => other.name.startsWith(`${name}/`)),
  );
  if (own.length > 0) return own;
  const cut = result.tests.filter(({ outcome }) => outcome === 'unfinished');
  const telling = cut.filter(({ lines }) => kindOf(lines) !== 'test');
  return telling.length > 0 ? telling : cut.slice(-1);
}

function failuresOfPackage(result: PackageResult): TestFailure[] {
  const { importPath } = result;
  const tests = failedTests(result);
  if (tests.length === 0) {
    const kind = kindOf(result.lines);
    const { lines } = result;
    return [{ kind: kind === 'test' ? 'package' : kind, importPath, test: undefined, lines }];
  }
  return tests.map(({ name, lines, outcome }) => ({
    kind: kindOf(lines),
    importPath,
    test: name,
    lines:
      outcome === 'unfinished' && lines.every((line) => frame.test(line))
        ? [...lines, 'The test binary ended before this test did.', ...result.lines]
        : lines,
  }));
}

/** What Go before 1.24 printed of a build that failed: the lines from `# import/path` to the next such line. */
function strayBuild(stray: readonly string[], importPath: string): readonly string[] {
  const start = stray.findIndex((line) => line.startsWith('# ') && line.includes(importPath));
  if (start < 0) return stray;
  const length = stray.slice(start + 1).findIndex((line) => line.startsWith('# '));
  return stray.slice(start, length < 0 ? undefined : start + 1 + length);
}

/** The root causes, in the order in which they were met; a build that failed for many packages is one. */
export function failuresOf(report: TestReport): readonly TestFailure[] {
  const told = new Set<string>();
  return report.packages.flatMap((result) => {
    if (result.outcome !== 'failed') return [];
    const { failedBuild, importPath } = result;
    if (failedBuild === undefined) return failuresOfPackage(result);
    if (told.has(failedBuild)) return [];
    told.add(failedBuild);
    const lines = report.builds.get(failedBuild) ?? strayBuild(report.stray, importPath);
    return [{ kind: 'build' as const, importPath, test: undefined, lines }];
  });
}
