/** One test as jest's --json reports it. */
export interface JestTest {
  fullName: string;
  status: 'passed' | 'failed' | 'pending' | 'todo' | 'skipped' | 'disabled' | 'focused';
  /** Milliseconds; null for a test that did not run. */
  duration?: number | null;
  failureMessages?: readonly string[] | null;
}

/** One file of tests. `message` tells what failed in it, or why it could not run at all. */
export interface JestFile {
  /** Absolute path. */
  name: string;
  message: string;
  assertionResults: readonly JestTest[];
}

/** What --json --outputFile leaves behind, as far as it is read here. */
export interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: readonly JestFile[];
}
