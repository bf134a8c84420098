import { describe, expect, test } from '@jest/globals';
import { goPatternMatcher } from '../src/index.ts';

describe('a pattern of Go', () => {
  test.each([
    ['example.com/acme', 'example.com/acme/private', true],
    ['example.com/acme', 'example.com/acmefoo', false],
    ['example.com/acme/private', 'example.com/acme', false],
    ['*.corp.example', 'git.corp.example/x', true],
    ['*', 'a/b', true],
    ['**', 'a/b', true],
    ['a/**/c', 'a/b/c', true],
    ['a/**/c', 'a/b/x/c', false],
    ['img[0-9].png', 'img7.png', true],
    ['img[^0-9].png', 'img7.png', false],
    ['[!a]', '!', true],
    ['[!a]', 'b', false],
    ['{a,b}', 'a', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['static', 'static/deep/page.html', true],
  ])('%s covers %s: %s', (pattern, path, expected) => {
    expect(goPatternMatcher(pattern)?.(path)).toBe(expected);
  });

  test.each(['a[', 'a[]', 'a[^]', '[a', 'x/[b-', 'a\\'])('%s is malformed', (pattern) => {
    expect(goPatternMatcher(pattern)).toBeUndefined();
  });
});
