import path from 'node:path';
import { expect, test } from '@jest/globals';
import { failuresOf, renderFailure } from '../../suites/failures.ts';
import type { JestFile } from '../../suites/jest-report.ts';

const root = path.resolve('/checkout');
const name = path.join(root, 'test', 'a.test.ts');
const stack = [
  '    at helper (/checkout/test/helper.ts:9:97)',
  '    at Object.<anonymous> (/checkout/test/a.test.ts:4:34)',
  '    at Promise.finally.completed (/checkout/node_modules/jest-circus/build/jestAdapterInit.js:1834:28)',
].join('\n');

const failed = (message: string): JestFile => ({
  name,
  message,
  assertionResults: [
    { fullName: 'it passes', status: 'passed', failureMessages: [] },
    { fullName: 'it fails', status: 'failed', failureMessages: [`${message}\n${stack}`] },
  ],
});

// Messages as jest 30 gives them.
test.each([
  [
    'two values',
    'Error: \u001b[2mexpect(\u001b[22mreceived).toBe(expected) // Object.is equality\n\nExpected: 2\nReceived: 1',
    ['Error: expect(received).toBe(expected) // Object.is equality', 'Expected: 2', 'Received: 1'],
  ],
  [
    'a long difference',
    'Error: expect(received).toEqual(expected) // deep equality\n\n- Expected  - 2\n+ Received  + 2\n\n  Array [\n    1,\n-   4,\n+   3,\n    Object {\n-     "a": "y",\n+     "a": "x",\n    },\n  ]',
    ['Error: expect(received).toEqual(expected) // deep equality', '-   4,', '+   3,'],
  ],
  [
    'a text of many lines',
    'Error: expect(received).toMatch(expected)\n\nExpected pattern: /other/\nReceived string:  "some long text\nwith lines"',
    [
      'Error: expect(received).toMatch(expected)',
      'Expected pattern: /other/',
      'Received string:  "some long text',
    ],
  ],
  [
    'an error that was thrown',
    'Error: boom happened\nsecond line\nthird\nfourth',
    ['Error: boom happened', 'second line', 'third'],
  ],
])('of %s three lines are left, and the place in the test itself', (_, message, lines) => {
  expect(failuresOf(failed(message), root)).toEqual([
    { name: 'it fails', where: 'test/a.test.ts:4', lines },
  ]);
});

test('a file that could not be run is a failure, with its reason', () => {
  const message =
    "  ● Test suite failed to run\n\n    Cannot find module './nothing.ts' from 'test/a.test.ts'\n\n      at Resolver._throwModNotFoundError (node_modules/jest-resolve/build/index.js:1031:11)\n";
  expect(failuresOf({ name, message, assertionResults: [] }, root)).toEqual([
    {
      name: 'the file could not be run to its end',
      where: 'test/a.test.ts',
      lines: ["Cannot find module './nothing.ts' from 'test/a.test.ts'"],
    },
  ]);
});

test('so is one whose tests passed and whose clean-up did not', () => {
  const message =
    "\n\n  ● Test suite failed to run\n\n    cannot tear down\n\n    > 2 | afterAll(() => { throw new Error('cannot tear down'); });\n        |                        ^\n      3 | test('x');\n\n      at Object.<anonymous> (test/a.test.ts:2:24)\n";
  const assertionResults = [{ fullName: 'x', status: 'passed' as const, failureMessages: [] }];
  expect(failuresOf({ name, message, assertionResults }, root)).toEqual([
    {
      name: 'the file could not be run to its end',
      where: 'test/a.test.ts:2',
      lines: ['cannot tear down'],
    },
  ]);
});

test('a skipped test is a failure', () => {
  const file: JestFile = {
    name,
    message: '',
    assertionResults: [{ fullName: 'x', status: 'pending', failureMessages: [] }],
  };
  expect(failuresOf(file, root).map(renderFailure)).toEqual([
    '✗ x\n  test/a.test.ts\n    The test is pending; one that does not run proves nothing.',
  ]);
});
