import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { node24 } from '@slipway/testing';
import { globMatcher } from '../src/index.ts';

describe('a glob', () => {
  test.each([
    ['services/*', 'services/api', true],
    ['./services/*/', 'services/api', true],
    ['services/*', 'services/api/cmd', false],
    ['services/*', 'services/.hidden', true],
    ['services/a?i', 'services/api', true],
    ['services/a?i', 'services/ai', false],
    ['**', 'a/b', true],
    ['**/api', 'api', true],
    ['**/api', 'a/b/api', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c', false],
    ['a/**', 'a', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'ab', false],
    ['a**/c', 'ab/c', true],
    ['a**/c', 'a/b/c', false],
    ['a.b', 'axb', false],
    ['A', 'a', false],
    ['a+(b)', 'aab', false],
    ['a+(b)', 'a+(b)', true],
    ['{a,b}', 'a', false],
    ['{a,b}', '{a,b}', true],
    ['pages/[id].ts', 'pages/[id].ts', true],
    ['pages/[id].ts', 'pages/i.ts', false],
    ['!a', '!a', true],
    ['#a', '#a', true],
    ['a\\b', 'a\\b', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(globMatcher(pattern)(path)).toBe(expected);
  });
});

describe('a glob made to be slow', () => {
  const deep = (folder: string, levels: number): string => `${folder}/`.repeat(levels);

  // A matcher that tries every way does not end with any of these.
  const slow = [
    ['**/'.repeat(20) + 'x', deep('a', 60) + 'y'],
    ['**/a/'.repeat(40) + '**/x/**/b', deep('a', 400) + 'b'],
    ['**/*a*/'.repeat(40) + 'x', deep('aaaaaaaaaa', 400) + 'y'],
    ['*a'.repeat(60) + '*b', 'a'.repeat(250) + 'c'],
    ['?*'.repeat(100) + 'b', 'a'.repeat(250)],
    ['**a'.repeat(60) + 'b', 'a'.repeat(250)],
  ];

  test('answers all the same', () => {
    // In a process of its own, which can be ended: a test cannot interrupt what it calls.
    const program = `
      import { globMatcher } from ${JSON.stringify(path.join(import.meta.dirname, '../src/index.ts'))};
      const pairs = ${JSON.stringify(slow)};
      console.log(JSON.stringify(pairs.map(([glob, path]) => globMatcher(glob)(path))));`;
    const args = ['--input-type=module', '--eval', program];
    const printed = execFileSync(node24(), args, { encoding: 'utf8', timeout: 55_000 });
    expect(JSON.parse(printed)).toEqual(slow.map(() => false));
  });

  test.each([
    ['a'.repeat(1_001), 'is longer than the 1000 characters allowed'],
    ['**/a/'.repeat(51), 'has more than the 50 "**" allowed'],
  ])('is refused with its limit: %s', (pattern, why) => {
    expect(() => globMatcher(pattern)).toThrow(why);
  });

  test('is refused for its length before a regular expression looks at it', () => {
    const replace = jest.spyOn(String.prototype, 'replace');
    try {
      expect(() => globMatcher(`${'/'.repeat(2_000)}x`)).toThrow('is longer than');
      expect(replace.mock.contexts.map(String).filter(({ length }) => length > 1_000)).toEqual([]);
    } finally {
      replace.mockRestore();
    }
  });
});
