import { describe, expect, test } from '@jest/globals';
import { parseFileCommands, parseWorkflowCommand } from '../src/index.ts';

describe('parseWorkflowCommand reads what the runner reads', () => {
  test.each([
    ['::error::no', 'error'],
    ['  ::Error::no', 'error'],
    ['\u0085\u2028::add-mask::no', 'add-mask'],
    ['::warning file=a::b::c', 'warning'],
    ['text ##[error]no', 'error'],
    ['::nothing::x ##[group]y', 'group'],
  ])('%j is a command', (line, name) => {
    expect(parseWorkflowCommand(line)?.name).toBe(name);
  });

  test.each([
    'x ::error::no',
    '::nothing::no',
    '::1',
    '##[nothing]no',
    '##[error',
    ':: error::no',
    '',
  ])('%j is text', (line) => {
    expect(parseWorkflowCommand(line)).toBeUndefined();
  });

  test('escapes are undone once and in the runner’s order', () => {
    expect(parseWorkflowCommand('::error title=a%3Ab%2Cc%250A::x%0Ay%25z')).toEqual({
      name: 'error',
      properties: { title: 'a:b,c%0A' },
      data: 'x\ny%z',
    });
  });
});

describe('parseFileCommands', () => {
  test('keeps CR and equals signs inside a heredoc', () => {
    expect(parseFileCommands('a<<X\n1\r\n2=3\nX\nb=<<c\n')).toEqual({ a: '1\r\n2=3', b: '<<c' });
  });

  test.each(['a<<X\n1\n', 'a<<\n', '<<X\nX\n', 'words\n'])('%j fails the step', (text) => {
    expect(() => parseFileCommands(text)).toThrow();
  });
});
