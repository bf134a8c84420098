import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { goMatcher } from '../src/go-match.ts';
import { goPatternMatcher } from '../src/index.ts';

const captured = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'captured', 'go-path-match-1.26.8.json'), 'utf8'),
) as { answers: [pattern: string, name: string, answer: boolean | 'malformed'][] };

describe('a whole name is matched as path.Match of Go matches it', () => {
  test.each(captured.answers)('%j on %j: %s', (pattern, name, answer) => {
    const matches = goMatcher(pattern);
    expect(matches === undefined ? 'malformed' : matches(name)).toBe(answer);
  });

  test('also where every star could end in many places', () => {
    const matches = goMatcher(`${'*a'.repeat(450)}*b`);
    expect(matches?.('a'.repeat(20_000))).toBe(false);
    expect(matches?.(`${'a'.repeat(20_000)}b`)).toBe(true);
  });
});

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

  // Even to look whether they are malformed takes quadratic time for most.
  test.each([
    '['.repeat(200_000),
    `${'['.repeat(200_000)}]`,
    '\\\\'.repeat(100_000),
    '*'.repeat(1_001),
  ])('that is too long is refused before anything else is asked of it (%#)', (pattern) => {
    expect(() => goPatternMatcher(pattern)).toThrow('is longer than the 1000 characters allowed');
  });
});
