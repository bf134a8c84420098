import { describe, expect, test } from '@jest/globals';
import { formatDuration, goDuration, parseDuration } from '../../src/index.ts';

describe('parseDuration', () => {
  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['0', 0],
    [' 2m ', 120_000],
  ])('reads %j as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '90', 's', '5 m', '-5s', '5d', '1e3s', '5mm', '∞s', '9'.repeat(40) + 's'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

test('a duration is shown in the largest two units that matter', () => {
  expect([12, 4_230, 192_000, 3_840_000].map(formatDuration)).toEqual([
    '12ms',
    '4.2s',
    '3m 12s',
    '1h 04m',
  ]);
});

test('a duration for a Go flag keeps milliseconds', () => {
  expect([goDuration(300_000), goDuration(1500)]).toEqual(['300s', '1500ms']);
});
