import { describe, expect, it } from '@jest/globals';
import { globMatcher } from '../src/index.ts';

describe('a glob', () => {
  it.each([
    ['services/*', 'services/api', true],
    ['./services/*/', 'services/api', true],
    ['services/*', 'services/api/cmd', false],
    ['services/a?i', 'services/api', true],
    ['**', 'a/b', true],
    ['**/api', 'api', true],
    ['**/api', 'a/b/api', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c', false],
    ['a.b', 'axb', false],
    ['a+(b)', 'aab', false],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(globMatcher(pattern)(path)).toBe(expected);
  });

  it('answers at once for a pattern made to be slow', () => {
    expect(globMatcher(`${'**/'.repeat(6)}x`)(`${'a/'.repeat(12)}y`)).toBe(false);
  });
});
