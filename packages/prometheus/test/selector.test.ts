import { describe, expect, test } from '@jest/globals';
import { exactly, metricNames, quoteLabel } from '../src/index.ts';

describe('the names of metrics in a query', () => {
  test.each<[string, string[]]>([
    ['up', ['up']],
    [
      'sum by (pod, code) (rate(http_requests_total{code=~"5.."}[5m])) / ignoring(x) foo:bar',
      ['http_requests_total', 'foo:bar'],
    ],
    ['histogram_quantile(0.99, sum(rate(latency_bucket[1m])) by (le))', ['latency_bucket']],
    ['{__name__="odd.name"} offset 5m', ['odd.name']],
    ['a and on(b) c or vector(1) # d', ['a', 'c']],
    ["x{y='z and q'} > bool 5", ['x']],
    ['1 + 2', []],
  ])('%s', (query, names) => {
    expect(metricNames(query)).toEqual(names);
  });
});

test('a pattern of pod names matches them exactly, and nothing when there are none', () => {
  expect(new RegExp(`^(?:${exactly(['api-1', 'a.b'])})$`).test('api-1')).toBe(true);
  expect(new RegExp(`^(?:${exactly(['a.b'])})$`).test('axb')).toBe(false);
  expect(['', 'api', '$none^'].some((name) => new RegExp(`^(?:${exactly([])})$`).test(name))).toBe(
    false,
  );
});

test('quotes and backslashes cannot leave a label’s value', () => {
  expect(quoteLabel('a"} or up{x="\\')).toBe('"a\\"} or up{x=\\"\\\\"');
});
