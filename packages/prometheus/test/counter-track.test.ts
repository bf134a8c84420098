import { describe, expect, test } from '@jest/globals';
import { createCounterTrack, type Series } from '../src/index.ts';

const series = (
  labels: Record<string, string>,
  ...values: (readonly [number, number])[]
): Series => ({
  labels,
  points: values.map(([timeMs, value]) => ({ timeMs, value })),
});
const a = (...values: (readonly [number, number])[]) => series({ pod: 'a' }, ...values);
const track = (bornMs?: number) =>
  createCounterTrack({ targetOf: ({ pod = '' }) => pod, bornMs: () => bornMs });
const grow = (all: readonly Series[], bornMs?: number) =>
  track(bornMs)
    .read(all)
    .filter(({ by }) => by > 0)
    .map(({ fromMs, atMs, by }) => [fromMs, atMs, by]);

describe('the growth of a counter', () => {
  test('is exact between scrapes', () => {
    expect(grow([a([2, 5], [4, 5], [6, 9])])).toEqual([[4, 6, 4]]);
  });

  test('counts what a series was born with when its process began within what is read', () => {
    expect(grow([a([2, 5], [4, 6])], 1)).toEqual([
      [1, 2, 5],
      [2, 4, 1],
    ]);
  });

  test('leaves out what an older process had before', () => {
    expect(grow([a([2, 5], [4, 6])])).toEqual([[2, 4, 1]]);
  });

  test('counts a series from zero that an older process began to export between two scrapes', () => {
    const fine = series({ pod: 'a', code: '200' }, [2, 1], [4, 2], [6, 3], [8, 4], [10, 5]);
    const failed = series({ pod: 'a', code: '500' }, [10, 7]);
    expect(grow([fine, failed])).toContainEqual([8, 10, 7]);
  });

  test('does not take a series for new that merely begins a little later, as after deduplication', () => {
    const fine = series({ pod: 'a', code: '200' }, [2, 100], [4, 100]);
    const failed = series({ pod: 'a', code: '500' }, [3, 900], [5, 900]);
    expect(grow([fine, failed])).toEqual([]);
  });

  test('goes on from zero after a restart', () => {
    expect(grow([a([2, 50], [4, 3], [6, 4])])).toEqual([
      [2, 4, 3],
      [4, 6, 1],
    ]);
  });

  test('passes over stale markers', () => {
    expect(grow([a([2, 5], [4, NaN], [6, 7])])).toEqual([[2, 6, 2]]);
  });

  test('goes on where the last answer ended, whatever of it is sent again', () => {
    const piecewise = track();
    expect(piecewise.read([a([2, 5], [4, 6])]).map(({ by }) => by)).toEqual([1]);
    expect(piecewise.read([a([2, 5], [4, 6], [6, 9])]).map(({ by }) => by)).toEqual([3]);
    expect(piecewise.read([a([4, 6], [6, 9])])).toEqual([]);
    expect(piecewise.newestMs()).toBe(6);
  });

  test('knows of scrapes from other series of the target', () => {
    const all = series({ pod: 'a', code: '200' }, [2, 1], [4, 2], [6, 3], [8, 4], [10, 5]);
    const failed = series({ pod: 'a', code: '500' }, [10, 7]);
    expect(track().read([failed], [all])).toMatchObject([{ fromMs: 8, by: 7 }]);
  });
});
