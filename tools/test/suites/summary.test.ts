import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { JestReport, JestTest } from '../../suites/jest-report.ts';
import { summaryOf, type SuiteOutcome } from '../../suites/summary.ts';

const root = path.resolve('/checkout');

function report(tests: readonly JestTest[]): JestReport {
  const count = (status: string): number => tests.filter((one) => one.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    numRuntimeErrorTestSuites: 0,
    testResults: [{ name: path.join(root, 'a.test.ts'), message: '', assertionResults: tests }],
  };
}

const outcome = (tests: readonly JestTest[], more: Partial<SuiteOutcome> = {}): SuiteOutcome => ({
  suite: 'unit',
  exitCode: 0,
  report: report(tests),
  ms: 1_400,
  ...more,
});

const passed = (fullName: string, duration: number): JestTest => ({
  fullName,
  status: 'passed',
  duration,
});

test('the end tells the slowest tests, each failure, the times, and as the last line the counts alone', () => {
  const failure = 'Error: expect(received).toBe(expected)\n\nExpected: 2\nReceived: 1';
  const broken: JestTest = { fullName: 'breaks', status: 'failed', failureMessages: [failure] };
  const outcomes = [
    outcome([passed('quick', 3), passed('slow', 12_340), broken], { exitCode: 1 }),
    outcome([passed('slower', 60_000)], { suite: 'lab', ms: 61_000 }),
  ];
  expect(summaryOf(outcomes, [], root).text).toBe(`
The slowest 2 tests:
   60.0 s  a.test.ts: slower
   12.3 s  a.test.ts: slow

✗ breaks
  a.test.ts
    Error: expect(received).toBe(expected)
    Expected: 2
    Received: 1

unit: 2 passed, 1 failed in 1 s
lab: 1 passed, 0 failed in 61 s

3 passed, 1 failed`);
});

test('twenty of the slowest are told, no more', () => {
  const many = Array.from({ length: 30 }, (_, index) => passed(`test ${index}`, 1_000 + index));
  const { text } = summaryOf([outcome(many)], [], root);
  expect(text.match(/ s {2}a\.test\.ts/g)).toHaveLength(20);
  expect(text).toContain('test 29');
  expect(text).not.toContain('test 9\n');
});

test.each<[string, SuiteOutcome, string]>([
  ['a skipped test', outcome([{ fullName: 'skipped', status: 'pending' }]), 'The test is pending'],
  ['a test that is to be written', outcome([{ fullName: 'later', status: 'todo' }]), 'is todo'],
  [
    'a jest that could not begin',
    outcome([], { exitCode: 1, report: undefined }),
    'jest ended with exit code 1',
  ],
])('%s counts as failed and is told', (_, one, told) => {
  const { text, failed } = summaryOf([one], [], root);
  expect(failed).toBe(1);
  expect(text).toContain(told);
});

test('a namespace that tests left in the lab counts as failed and is told', () => {
  const { text, failed } = summaryOf([outcome([passed('x', 3)])], ['shop-deploy'], root);
  expect(failed).toBe(1);
  expect(text).toContain('✗ a test left the namespace shop-deploy in the lab');
  expect(text.endsWith('\n\n1 passed, 1 failed')).toBe(true);
});
