import { describe, expect, test } from '@jest/globals';
import { createPrometheusClient } from '@slipway/prometheus';
import { steppedClock } from '@slipway/testing';
import {
  lintVerification,
  parseAssertions,
  parseMaxLatency,
  type LintRequest,
} from '../src/index.ts';
import { assertionAdvice } from '../src/lint/assertion-advice.ts';
import { bucketAdvice } from '../src/lint/bucket-advice.ts';
import { windowAdvice } from '../src/lint/window-advice.ts';
import { prometheusWorld } from './metrics/prometheus-world.ts';

const beganMs = 1_800_000_000_000;

/** What lint says of one assertion by its text. */
function adviceOf(query: string, must: string, intervalMs?: number): string[] {
  const [assertion] = parseAssertions(JSON.stringify([{ name: 'mine', query, must }]));
  if (assertion === undefined) throw new Error('there is no assertion');
  return assertionAdvice(assertion, intervalMs).map(({ detail, next }) => `${detail}. ${next}`);
}

const errors = 'sum(rate(x_total{$scope,code="500"}[$window]))';
const share = `${errors} / sum(rate(x_total{$scope}[$window]))`;

describe('an assertion that cannot fail', () => {
  test.each([
    [errors, '>= 0'],
    [errors, '> -1'],
    [errors, '!= -1'],
    ['x_total{$scope}', '>= 0'],
    ['histogram_quantile(0.99, sum by (le) (rate(x_seconds_bucket{$scope}[$window])))', '>= 0'],
    ['count(temperature{$scope} - 5)', '>= 0'],
    ['count by (pod) (temperature{$scope}) + x_total{$scope}', '>= 0'],
    ['histogram_count(rate(x_seconds{$scope}[$window]))', '>= 0'],
    [share.replace('$scope,code="500"', "code='500', $scope"), '< 5'],
    [share, '<= 1'],
    [share, '< 5'],
    [share.replaceAll('$scope', '$scope,path=~"/api/.*"'), '< 5'],
    ["x_total{$scope} # it's never - below 0", '>= 0'],
  ])('is told: %s must be %s', (query, must) => {
    expect(adviceOf(query, must)).toEqual([expect.stringMatching(/^cannot fail: its values are /)]);
  });

  test('is told with the percentage that may be meant', () => {
    expect(adviceOf(share, '< 5')[0]).toContain('Is 5% meant?');
  });

  test('and one that cannot hold is told as well', () => {
    expect(adviceOf(share, '> 1')[0]).toMatch(/^cannot hold: its values are from 0 to 1/);
    expect(adviceOf(errors, '< 0')[0]).toMatch(/^cannot hold: its values are never below 0/);
  });

  test.each([
    [share, '< 0.05'],
    [errors, '< 10'],
    [errors, '== 0'],
    ['temperature{$scope}', '>= 0'],
    ['delta(x_total{$scope}[$window])', '>= 0'],
    ['x_total{$scope} - y_total{$scope}', '>= 0'],
    ['sum(rate(x_total{$scope}[$window])) / sum(rate(y_total{$scope}[$window]))', '< 5'],
    ['sum(rate(x_total{$scope}[$window])) / sum(rate(x_total{$scope,code="500"}[$window]))', '> 1'],
    [
      'sum(rate(x_total{$scope,path="/a"}[$window])) / sum(rate(x_total{$scope,path="/a",code="500"}[$window]))',
      '> 1',
    ],
    ['rate(x_total{$scope,path="/#/a"}[$window]) - rate(y_total{$scope}[$window])', '>= 0'],
    ['up{$scope}', '== 1'],
    ['rate(temperature{$scope}[$window])', '>= 0'],
    ['rate(balance_sum{$scope}[$window])', '>= 0'],
    ['rate(x_total{$scope}[$window]) + temperature{$scope}', '>= 0'],
    ['histogram_quantile(0.5, rate(celsius_bucket{$scope}[$window]))', '>= 0'],
    ['histogram_sum(rate(x_total{$scope}[$window]))', '>= 0'],
    ['count(x_total{$scope}) - 5', '>= 0'],
    [share.replace('$window', '1m'), '< 5'],
    [share.replaceAll('sum(', 'avg('), '< 5'],
    [share.replace('sum(rate(x_total{$scope}[', 'max(rate(x_total{$scope}['), '< 5'],
    [share.replace('rate(', 'increase('), '< 5'],
    [share.replace('/ sum(rate(x_total{$scope}', '/ sum(rate(x_total{path="/b"}'), '< 5'],
    [
      'histogram_quantile(0.99, rate(x_seconds_bucket{$scope,code="500"}[1m])) / histogram_quantile(0.5, rate(x_seconds_bucket{$scope}[1m]))',
      '< 5',
    ],
  ])('is not seen in %s must be %s', (query, must) => {
    expect(adviceOf(query, must)).toEqual([]);
  });
});

test('a metric that Prometheus knows as a gauge may be negative, whatever its name', () => {
  const [assertion] = parseAssertions(
    '[{ name: mine, query: "balance_total{$scope}", must: ">= 0" }]',
  );
  if (assertion === undefined) throw new Error('there is no assertion');
  expect(assertionAdvice(assertion, undefined, () => 'gauge')).toEqual([]);
  expect(assertionAdvice(assertion, undefined, () => 'counter')).toHaveLength(1);
  expect(assertionAdvice(assertion, undefined, () => undefined)).toHaveLength(1);
});

describe('a query', () => {
  test('whose window holds no two scrapes is told, and $window is not', () => {
    expect(adviceOf('rate(x_total{$scope}[20s])', '< 1', 15_000)[0]).toMatch(
      /^\[20s\] is shorter than two scrapes, which come every 15s/,
    );
    expect(adviceOf('max_over_time(x{$scope}[20s])', '< 1', 15_000)).toEqual([]);
    expect(adviceOf('max_over_time(x{$scope}[10s])', '< 1', 15_000)[0]).toContain('now and then');
    expect(adviceOf('x{$scope,path="/[5s]"}', '< 1', 15_000)).toEqual([]);
    expect(adviceOf('rate(x_total{$scope}[1m30s])', '< 1', 45_000)).toEqual([]);
    expect(adviceOf('rate(x_total{$scope}[$window])', '< 1', 15_000)).toEqual([]);
    expect(adviceOf('rate(x_total{$scope}[20s])', '< 1')).toEqual([]);
  });

  test('that compares by itself is told, unless it gives 0 or 1', () => {
    expect(adviceOf('queue{$scope} > 5', '< 10')[0]).toContain('no value is never a pass');
    expect(adviceOf('queue{$scope} > bool 5', '< 1')).toEqual([]);
    expect(adviceOf('queue{$scope,a!="b"}', '< 10')).toEqual([]);
  });
});

describe('a deadline', () => {
  const windows = { minSoakMs: 30_000, deadlineMs: 300_000, intervalMs: 15_000 };

  test('that leaves room for the soak and its scrapes is well, as the usual one', () => {
    expect(windowAdvice(windows)).toEqual([]);
    expect(windowAdvice({ ...windows, intervalMs: 60_000 })).toEqual([]);
  });

  test('before the shortest possible verdict is told, with one that would do', () => {
    const slow = { ...windows, intervalMs: 60_000, deadlineMs: 120_000 };
    expect(windowAdvice(slow)).toMatchObject([
      {
        level: 'warning',
        about: 'deadline',
        detail: expect.stringContaining('takes 2m 00s with one every 1m 00s, and 2m 00s leave'),
        next: expect.stringContaining('Set deadline to 4m 00s or later'),
      },
    ]);
    expect(windowAdvice({ ...slow, deadlineMs: 240_000 })).toEqual([]);
  });
});

describe('buckets', () => {
  const histogram = (bounds: string[], kind: 'classic' | 'native' = 'classic') => ({
    ...{ metric: 'x_seconds', kind, perSecond: 1 },
    bounds: [...bounds, '+Inf'],
  });
  const adviceFor = (text: string, of: ReturnType<typeof histogram>) => {
    const limit = parseMaxLatency(text);
    if (limit === undefined) throw new Error('there is no limit');
    return bucketAdvice(of, limit).map(({ detail }) => detail);
  };

  test.each([
    ['p99 < 250ms', ['0.1', '0.2', '0.5'], /between two bounds of x_seconds, 0.2 s and 0.5 s/],
    ['p99 < 50ms', ['0.1', '0.2'], /between two bounds of x_seconds, 0 s and 0.1 s/],
    ['p99 < 1s', ['0.1', '0.2'], /above the last bucket of x_seconds, 0.2 s/],
  ])('that do not hold %s as a bound are told', (text, bounds, told) => {
    expect(adviceFor(text, histogram(bounds))).toEqual([expect.stringMatching(told)]);
  });

  test('with the limit as a bound, and native ones, are well', () => {
    expect(adviceFor('p99 < 200ms', histogram(['0.1', '0.2']))).toEqual([]);
    expect(adviceFor('p99 < 250ms', histogram([], 'native'))).toEqual([]);
  });
});

/** A Prometheus that scrapes one pod of deployment/api every 15 s, `perSecond` requests in each second. */
function running(perSecond: number, asked: Partial<LintRequest> = {}) {
  const clock = steppedClock(beganMs);
  const world = prometheusWorld(() => clock.now());
  const target = { namespace: 'shop', pod: 'api-6d5f7c9b8-x7k2p', job: 'pods' };
  for (let second = -600; second <= 0; second += 15)
    world.scrape(beganMs + second * 1000, target, {
      up: 1,
      'http_requests_total{code="200"}': perSecond * (second + 600),
      'http_request_duration_seconds_bucket{le="0.1"}': second,
      'http_request_duration_seconds_bucket{le="+Inf"}': second,
    });
  const client = createPrometheusClient({
    url: 'http://prometheus',
    auth: { kind: 'none' },
    clock,
    fetch: world.fetch,
  });
  const request: LintRequest = {
    client,
    workload: { kind: 'deployment', namespace: 'shop', name: 'api' },
    errorShare: { metric: '', must: { limit: 0.1 } },
    maxLatency: undefined,
    assertions: [],
    sendsTraffic: false,
    minSoakMs: 30_000,
    deadlineMs: 300_000,
    ...asked,
  };
  const lint = async () => {
    const over = new AbortController();
    const advice = lintVerification(request).finally(() => over.abort());
    // What fails is asked again after a while.
    for (let second = 0; second < 120 && !over.signal.aborted; second += 1)
      await clock.advance(1_000);
    return await advice;
  };
  return { world, lint };
}

describe('what the pods that run now export', () => {
  const assertions = (entry: object) => ({
    assertions: parseAssertions(JSON.stringify([{ name: 'mine', ...entry }])),
  });

  test('is well with the usual inputs', async () => {
    expect(await running(20).lint()).toEqual([]);
  });

  test('tells what cannot fail by the types that Prometheus knows', async () => {
    const { world, lint } = running(20, assertions({ query: 'jobs_total', must: '>= 0' }));
    const cannotFail = async () =>
      (await lint()).filter(({ detail }) => detail.startsWith('cannot'));
    expect(await cannotFail()).toHaveLength(1);
    world.intercept(({ path }) =>
      path === '/api/v1/metadata'
        ? Response.json({ status: 'success', data: { jobs_total: [{ type: 'gauge' }] } })
        : undefined,
    );
    expect(await cannotFail()).toEqual([]);
  });

  test('tells requests that are too few, unless some are sent', async () => {
    const [advice] = await running(0.05).lint();
    expect(advice).toMatchObject({
      ...{ about: 'error-share', level: 'warning' },
      detail: expect.stringMatching(/^takes about \d+ requests without a failure to be shown, and/),
    });
    expect(await running(0.05, { sendsTraffic: true }).lint()).toEqual([]);
  });

  test('tells a counter, a histogram and a metric that are not there', async () => {
    const other = { kind: 'deployment', namespace: 'shop', name: 'api' };
    const maxLatency = parseMaxLatency('p99 < 250ms');
    const advice = await running(20, {
      workload: other,
      maxLatency,
      errorShare: { metric: 'nobodys_total', must: { limit: 0.1 } },
      ...assertions({ query: 'nobodys_gauge{$scope}', must: '< 1' }),
    }).lint();
    expect(advice.map(({ about, level }) => `${about} ${level}`)).toEqual([
      'error-share warning',
      'max-latency warning',
      'mine warning',
    ]);
  });

  test('tells a label that would make the share 0 for ever', async () => {
    const bad = 'http_requests_total{$scope,status="500"}';
    const given = assertions({ bad, total: 'http_requests_total{$scope}', must: '< 5%' });
    const [advice] = await running(20, given).lint();
    expect(advice?.detail).toContain('bad asks for the label "status", which no series of');
    expect(advice?.next).toContain('code');
  });

  test('is no reproach where no failure has been counted yet', async () => {
    const bad = 'http_requests_total{$scope,code="500"}';
    const given = assertions({ bad, total: 'http_requests_total{$scope}', must: '< 5%' });
    expect(await running(20, given).lint()).toEqual([]);
  });

  test('is an error only where nothing could ever be observed', async () => {
    const given = assertions({ query: 'up{$scope', must: '== 1' });
    const { world, lint } = running(20, given);
    const error = 'invalid parameter "query": 1:9: parse error: unclosed brace';
    world.intercept(({ parameters }) =>
      parameters.get('query')?.startsWith('up{namespace') === true
        ? Response.json({ status: 'error', errorType: 'bad_data', error }, { status: 400 })
        : undefined,
    );
    expect(await lint()).toMatchObject([
      { about: 'mine', level: 'error', detail: expect.stringContaining('parse error') },
    ]);
  });

  test('is not judged where no pod runs yet, or Prometheus is away', async () => {
    const workload = { kind: 'deployment', namespace: 'shop', name: 'new' };
    expect(await running(20, { workload }).lint()).toMatchObject([
      { about: 'workload', level: 'warning' },
    ]);
    for (const [status, level] of [
      [503, 'warning'],
      [401, 'error'],
    ] as const) {
      const { world, lint } = running(20);
      world.intercept(() => new Response('no', { status }));
      expect(await lint()).toMatchObject([{ about: 'prometheus-url', level }]);
    }
  });
});
