import { describe, expect, test } from '@jest/globals';
import { wilsonInterval } from '../../src/judge/index.ts';

describe('Wilson’s interval', () => {
  test.each<[number, number, number, number]>([
    [0, 10, 0, 0.2775],
    [1, 10, 0.0179, 0.4042],
    [60, 300, 0.1587, 0.2489],
    [10, 10, 0.7225, 1],
  ])('of %d in %d is %d to %d', (bad, total, low, high) => {
    const [from, to] = wilsonInterval(bad, total);
    expect(from).toBeCloseTo(low, 3);
    expect(to).toBeCloseTo(high, 3);
  });

  test('of nothing is everything', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});
