import { describe, expect, test } from '@jest/globals';
import { counterGrowth, type Series } from '../src/index.ts';

const series = (pod: string, ...values: (readonly [number, number])[]): Series => ({
  labels: { pod },
  points: values.map(([timeMs, value]) => ({ timeMs, value })),
});
const grow = (all: readonly Series[], bornMs?: number) =>
  counterGrowth(all, { label: 'pod', startMs: 1_000, bornAfterMs: () => bornMs }).map(
    ({ timeMs, by }) => [timeMs, by],
  );

describe('the growth of a counter', () => {
  test('is exact between scrapes', () => {
    expect(grow([series('a', [2_000, 5], [4_000, 5], [6_000, 9])])).toEqual([[6_000, 4]]);
  });

  test('counts what a series was born with when its pod is younger than the window', () => {
    expect(grow([series('a', [2_000, 5], [4_000, 6])], 1_500)).toEqual([
      [2_000, 5],
      [4_000, 1],
    ]);
  });

  test('leaves out what an older pod had before', () => {
    expect(grow([series('a', [2_000, 5], [4_000, 6])], 500)).toEqual([[4_000, 1]]);
  });

  test('goes on from zero after a restart', () => {
    expect(grow([series('a', [2_000, 50], [4_000, 3], [6_000, 4])], 500)).toEqual([
      [4_000, 3],
      [6_000, 1],
    ]);
  });

  test('passes over stale markers', () => {
    expect(grow([series('a', [2_000, 5], [4_000, NaN], [6_000, 7])], 500)).toEqual([[6_000, 2]]);
  });
});
