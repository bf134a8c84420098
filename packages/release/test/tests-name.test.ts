import { expect, test } from '@jest/globals';
import { testsNames, type TestEntry } from '../src/index.ts';

const entry = (module: string, packages: string): TestEntry => ({
  module,
  label: module === '.' ? 'root' : module,
  packages,
  'go-version-file': 'go.mod',
  'go-work': '',
  tags: '',
});
const every = [entry('.', './...\n'), entry('libs', './...\n')];
const some = [entry('.', './a\n')];
const names = (tests: readonly TestEntry[], settings = '') =>
  testsNames(tests, { every, settings });

test('the same tests have one name, others have another', () => {
  expect(names([...some])).toEqual(names(some));
  expect(names(some).tests).toMatch(/^some-[0-9a-f]{32}$/);
  const others = [
    [entry('.', './b\n')],
    [entry('libs', './a\n')],
    [...some, entry('libs', './a\n')],
  ];
  for (const other of others) expect(names(other).tests).not.toBe(names(some).tests);
});

test('all tests have the name of all, whatever the tree holds', () => {
  const { tests, all } = names(every);
  expect(tests).toBe(all);
  expect(all).toBe(names(some).all);
  expect(all).toMatch(/^all-[0-9a-f]{32}$/);
});

test('what they depend on besides the tree is a part of both names', () => {
  const [with122, with124] = [names(some, '1.22'), names(some, '1.24')];
  expect(with122.tests).not.toBe(with124.tests);
  expect(with122.all).not.toBe(with124.all);
});
