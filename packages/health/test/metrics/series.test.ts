import { describe, expect, test } from '@jest/globals';
import { beganMs, recorded } from '../../../rollout/test/recorded.ts';
import { api } from '../../../rollout/test/shop-cluster.ts';
import { servingSeries, shareSeries } from '../../src/findings/index.ts';

describe('a share over time', () => {
  const unit = (second: number, total: number, bad: number) => ({
    atMs: second * 1_000,
    total,
    bad,
  });

  test('is that of all pods together, part by part', () => {
    const units = [unit(2, 10, 0), unit(2, 30, 4), unit(4, 10, 10), unit(4, 10, 5)];
    expect(shareSeries({ name: 'error share', must: { limit: 0.1 }, units })).toEqual({
      name: 'error share',
      limit: 0.1,
      points: [
        { atMs: 2_000, value: 0.1 },
        { atMs: 4_000, value: 0.75 },
      ],
    });
  });

  test('says nothing of a time without requests, and takes few points for many units', () => {
    const units = Array.from({ length: 3_000 }, (_, second) => unit(second, second % 2, 0));
    const { points } = shareSeries({ name: 'error share', must: { limit: 0.1 }, units });
    expect(points.length).toBeLessThan(35);
    const most = Array.from({ length: 200_000 }, () => unit(1, 1, 0));
    expect(shareSeries({ name: 'x', must: { limit: 0.1 }, units: most }).points).toHaveLength(1);
    const quiet = shareSeries({ name: 'x', must: { limit: 0.1 }, units: [unit(1, 0, 0)] });
    expect(quiet.points).toEqual([]);
  });
});

describe('the pods that serve over time', () => {
  test('follow from the recording', () => {
    const recording = recorded(
      [0, { workload: {} }],
      [1, { pod: { uid: '1' } }],
      [4, { pod: { uid: '1', ready: true } }],
      [9, { pod: { uid: '1', ready: false } }],
    );
    const evidence = {
      request: { workload: api, images: [], minSoakMs: 1_000 },
      sight: {
        lacking: [],
        released: true,
        revision: undefined,
        newer: undefined,
        seenIn: undefined,
        outage: undefined,
        seenSinceMs: beganMs,
      },
      serving: undefined,
    };
    const series = servingSeries({ ...evidence, recording }, beganMs + 20_000);
    const shown = series?.points.map(({ atMs, value }) => [(atMs - beganMs) / 1_000, value]);
    expect(shown?.slice(-4)).toEqual([
      [1, 0],
      [4, 1],
      [9, 0],
      [20, 0],
    ]);
  });
});
