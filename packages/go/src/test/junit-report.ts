import type { PackageResult, TestReport, TestResult } from './test-report.ts';
import { failuresOf } from './test-report.ts';

/** Text of an attribute or an element; what XML 1.0 has no way to write is replaced. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;')
    .replace(/\n/g, '&#10;')
    .replace(/\t/g, '&#9;');
}

const seconds = (number: number): string => number.toFixed(3);

function failure(message: string, lines: readonly string[]): string {
  return `<failure message="${xml(message)}">${xml(lines.join('\n'))}</failure>`;
}

function testCase(importPath: string, test: TestResult): string {
  const head = `<testcase classname="${xml(importPath)}" name="${xml(test.name)}" time="${seconds(test.seconds)}"`;
  if (test.outcome === 'passed') return `${head}/>`;
  const inner =
    test.outcome === 'skipped'
      ? '<skipped/>'
      : failure(test.outcome === 'failed' ? 'Failed' : 'Did not finish', test.lines);
  return `${head}>${inner}</testcase>`;
}

function suite(result: PackageResult, report: TestReport): string[] {
  const { importPath, tests } = result;
  const failed = tests.filter(({ outcome }) => outcome === 'failed' || outcome === 'unfinished');
  const cases = tests.map((test) => testCase(importPath, test));
  // A build that failed and a TestMain have no test of their own, and must not look like a success.
  if (result.outcome === 'failed' && failed.length === 0) {
    const [cause] = failuresOf({ packages: [result], builds: report.builds, stray: report.stray });
    const name = cause?.kind === 'build' ? 'build' : 'TestMain';
    cases.push(
      `<testcase classname="${xml(importPath)}" name="${name}" time="0.000">${failure('Failed', cause?.lines ?? [])}</testcase>`,
    );
  }
  const failures = result.outcome === 'failed' ? Math.max(1, failed.length) : 0;
  const skipped = tests.filter(({ outcome }) => outcome === 'skipped').length;
  return [
    `  <testsuite name="${xml(importPath)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds(result.seconds)}">`,
    ...cases.map((each) => `    ${each}`),
    '  </testsuite>',
  ];
}

/** The report in the XML that JUnit's Ant task made common: a suite for each package. */
export function renderJunit(report: TestReport): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...report.packages.flatMap((result) => suite(result, report)),
    '</testsuites>',
    '',
  ].join('\n');
}
