import { describe, expect, test } from '@jest/globals';
import { trafficFindings, type TrafficSeen } from '../../src/findings/index.ts';
import { parseMaxLatency } from '../../src/judge/index.ts';
import { slownessOf } from '../../src/observe/traffic/answer-time.ts';

const seconds = 60;

/** A minute of requests to one pod, ten in two seconds, of which so many took too long. */
function seen({ slow = 0, perhaps = slow, ...more }: Partial<TrafficSeen> & Slow): TrafficSeen {
  const units = Array.from({ length: seconds / 2 }, (_, at) => ({
    ...{ pod: 'api-1', fromMs: at * 2_000, atMs: (at + 1) * 2_000, total: 10, bad: 0 },
    times: { timed: 10, slow, perhaps },
  }));
  const maxLatency = parseMaxLatency('p95 < 250ms');
  if (maxLatency === undefined) throw new Error('no latency');
  return {
    ...{ units, pods: 1, answered: 1, limit: 0.1, lastFailure: undefined, durationsMs: [] },
    ...{ unasked: undefined, maxLatency },
    ...more,
  };
}

interface Slow {
  slow?: number;
  perhaps?: number;
}

const find = (evidence: TrafficSeen) =>
  trafficFindings(evidence, { beganMs: 0, nowMs: seconds * 1_000 }).find(
    ({ check }) => check === 'traffic latency',
  );

describe('how long requests of our own took', () => {
  test.each<[string, Slow & Partial<TrafficSeen>, object]>([
    ['is well when none took too long', {}, { state: 'good' }],
    ['is bad when too many surely did', { slow: 3 }, { state: 'bad' }],
    [
      'is undecidable, and said to be, when the way to the pods may be what took long',
      { slow: 0, perhaps: 3 },
      {
        ...{ state: 'open', settled: true },
        detail: expect.stringMatching(
          /^p95 < 250ms: undecidable, the way to the pods takes too long .* at most \d+ of \d+ requests/,
        ),
      },
    ],
    [
      'waits for every new pod',
      { pods: 2 },
      { state: 'open', wouldChange: 'an answer of every new pod' },
    ],
    ['takes more requests when there are few', { units: [] }, { state: 'open' }],
  ])('%s', (_, evidence, expected) => {
    expect(find(seen(evidence))).toMatchObject({ check: 'traffic latency', ...expected });
  });

  test('is no matter where no limit is given, or where pods cannot be asked, which is said already', () => {
    const { maxLatency: _, ...without } = seen({});
    expect(find(without)).toBeUndefined();
    const unasked = { why: 'no way', settled: true };
    expect(find(seen({ answered: 0, unasked }))).toBeUndefined();
  });
});

test.each([
  ['with a short way, by what was left', { durationMs: 240, wayMs: 20 }, 'quick'],
  ['also when only the way made it longer than the limit', { durationMs: 300, wayMs: 60 }, 'quick'],
  ['when twice the way does not explain it', { durationMs: 400, wayMs: 60 }, 'slow'],
  ['in between, nobody can tell', { durationMs: 360, wayMs: 60 }, 'perhaps'],
  ['through the proxy, nobody can tell either', { durationMs: 5_000, wayMs: undefined }, 'perhaps'],
  ['through the proxy, unless it was quick', { durationMs: 90, wayMs: undefined }, 'quick'],
])('an answer is told slow from quick: %s', (_, time, slowness) => {
  expect(slownessOf(time, 250)).toBe(slowness);
});
