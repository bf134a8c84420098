import { describe, expect, test } from '@jest/globals';
import { findLatencyHistogram, slowRequests, type Series } from '../src/index.ts';

const bucket = (le: string, ...values: number[]): Series => ({
  labels: { le, path: '/x' },
  points: values.map((value, index) => ({ timeMs: index * 1_000, value })),
});
const values = (series: readonly Series[]) => series[0]?.points.map(({ value }) => value);

describe('slow requests by buckets', () => {
  const buckets = [
    bucket('0.1', 5, 6),
    bucket('0.25', 7, 8),
    bucket('0.5', 9, 9),
    bucket('+Inf', 10, 12),
  ];

  test('are counted exactly at a bound', () => {
    const slow = slowRequests({ series: buckets, histograms: [] }, 0.25);
    expect(slow.bounds).toEqual([0.25, 0.25]);
    expect([values(slow.surely), values(slow.perhaps), values(slow.total)]).toEqual([
      [3, 4],
      [3, 4],
      [10, 12],
    ]);
  });

  test('lie between two counts inside a bucket', () => {
    const slow = slowRequests({ series: buckets, histograms: [] }, 0.2);
    expect(slow.bounds).toEqual([0.1, 0.25]);
    expect([values(slow.surely), values(slow.perhaps)]).toEqual([
      [3, 4],
      [5, 6],
    ]);
  });

  test('are never certain beyond the last bound, and always possible below the first', () => {
    const beyond = slowRequests({ series: buckets, histograms: [] }, 3);
    expect([beyond.bounds, values(beyond.surely)]).toEqual([
      [0.5, Infinity],
      [0, 0],
    ]);
    const below = slowRequests({ series: buckets, histograms: [] }, 0.05);
    expect([below.bounds, values(below.perhaps)]).toEqual([
      [0, 0.1],
      [10, 12],
    ]);
  });

  test('of a native histogram are known up to the bucket around the limit', () => {
    const point = {
      ...{ timeMs: 0, count: 10 },
      buckets: [
        [0.1, 0.2, 4],
        [0.2, 0.3, 5],
        [0.3, 0.5, 1],
      ] as const,
    };
    const slow = slowRequests({ series: [], histograms: [{ labels: {}, points: [point] }] }, 0.25);
    expect(slow.bounds).toEqual([0.2, 0.3]);
    expect([values(slow.surely), values(slow.perhaps), values(slow.total)]).toEqual([
      [1],
      [6],
      [10],
    ]);
  });
});

describe('the histogram of latency', () => {
  const of = (name: string, labels: Record<string, string> = {}) => ({ __name__: name, ...labels });

  test('is found with its unit, route and bounds', () => {
    const series = [
      of('http_request_duration_seconds_bucket', { le: '0.1', handler: '/x' }),
      of('http_request_duration_seconds_bucket', { le: '+Inf', handler: '/x' }),
    ];
    expect(findLatencyHistogram(series, new Set())).toMatchObject({
      ...{ metric: 'http_request_duration_seconds', kind: 'classic', perSecond: 1 },
      ...{ route: 'handler', bounds: ['0.1', '+Inf'] },
    });
  });

  test('is the native one where there are both, and may be in milliseconds', () => {
    const series = [
      of('istio_request_duration_milliseconds_bucket', { le: '5' }),
      of('istio_request_duration_milliseconds'),
    ];
    expect(findLatencyHistogram(series, new Set())).toMatchObject({
      ...{ kind: 'native', perSecond: 1_000, only: 'reporter="destination"' },
    });
    expect(findLatencyHistogram([of('up')], new Set())).toBeUndefined();
  });
});
