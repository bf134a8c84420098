import { expect, test } from '@jest/globals';
import { parseTestCommand } from '../../suites/command.ts';
import { usualSuites } from '../../suites/suites.ts';

test('without arguments all suites run but the long one', () => {
  expect(parseTestCommand([])).toEqual({ suites: usualSuites, changedSince: undefined, args: [] });
  expect(usualSuites).not.toContain('full');
});

test('suites are chosen by flags, the rest is for jest', () => {
  expect(parseTestCommand(['--lab', '--testPathPatterns', 'shop', '--unit'])).toEqual({
    suites: ['unit', 'lab'],
    changedSince: undefined,
    args: ['--testPathPatterns', 'shop'],
  });
});

test.each([
  [['--changed', 'main', '--unit', '-t', 'x']],
  [['--unit', '--changed=main', '-t', 'x']],
])('%j runs what a change since main can break', (argv) => {
  const expected = { suites: ['unit'], changedSince: 'main', args: ['-t', 'x'] };
  expect(parseTestCommand(argv)).toEqual(expected);
});

test.each([[['--changed']], [['--changed', '--unit', '--bail']], [['--changed=']]])(
  '%j is told to name a commit',
  (argv) => {
    expect(() => parseTestCommand(argv)).toThrow('--changed needs a branch or commit');
  },
);
