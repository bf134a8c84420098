import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { confine } from '../../src/index.ts';

describe('on Windows', () => {
  test.each([
    ['chart', 'D:\\work\\chart'],
    ['chart/values.yaml', 'D:\\work\\chart\\values.yaml'],
    ['d:\\WORK\\x', 'd:\\WORK\\x'],
  ])('%j is in the workspace', (text, expected) => {
    expect(confine('D:\\work', text, path.win32)).toBe(expected);
  });

  test.each(['..\\x', 'C:\\work', 'C:x', '\\\\server\\share', '/etc', 'chart\\..\\..\\x'])(
    '%j is outside of it',
    (text) => {
      expect(confine('D:\\work', text, path.win32)).toBeUndefined();
    },
  );
});

test('a NUL is never part of a path', () => {
  expect(confine('/work', 'a\0b')).toBeUndefined();
});
