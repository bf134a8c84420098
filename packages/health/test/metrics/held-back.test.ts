import { describe, expect, test } from '@jest/globals';
import { shareFinding } from '../../src/findings/metric-findings.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';
import { heldBack } from '../../src/judge/share/held-back.ts';
import { logBinomialTail } from '../../src/judge/share/binomial-tail.ts';
import type { ShareUnit } from '../../src/judge/index.ts';
import { latencyFinding } from '../../src/findings/latency-finding.ts';
import type { LatencyCheck } from '../../src/findings/metric-evidence.ts';
import { trafficLatencyFinding } from '../../src/findings/traffic/traffic-latency.ts';
import type { TrafficSeen } from '../../src/findings/traffic/traffic-seen.ts';
import { decide, passedAfter, scraped, type Scraped } from './decided-share.ts';

/** All of 20 requests a second fail from `from` to `until`, in seconds of the verification; scraped once a minute. */
function failingFor(from: number, until: number, seen: { end: number; every?: number }) {
  const { end, every = 60 } = seen;
  const failed: Scraped['failed'] = (at) =>
    20 * Math.max(0, Math.min(until, at.until) - Math.max(from, at.from));
  return scraped({ from: -10, until: end, every, requests: 20 * every, failed });
}

/** `few` requests in each quarter of the first minute, one of which failed, and later `many`. */
const quietStart = (few: number, many: number) => [
  ...scraped({
    from: -10,
    until: 50,
    every: 15,
    requests: few,
    failed: ({ from }) => (from < 0 ? 1 : 0),
  }),
  ...scraped({ from: 50, until: 290, every: 15, requests: many, failed: () => 0 }),
];

describe('a release does not pass', () => {
  test('that failed for its first twelve seconds, which a scrape a minute cannot tell from a share', () => {
    const units = failingFor(-10, 12, { end: 290 });
    expect(decide(units)).toMatchObject({ decision: 'open', held: 'start' });
    expect(passedAfter(units)).toBeUndefined();
  });

  test('while more of all its requests failed than the limit allows', () => {
    // 30 of the 170 seconds up to then: 18 %; up to the end it is less than 10 %.
    const until = (end: number) => failingFor(60, 90, { end });
    expect(decide(until(170))).toMatchObject({ decision: 'open' });
    expect(passedAfter(until(230))).toBeUndefined();
    expect(decide(until(230)).held).toBe('share');
  });

  test('and says why', () => {
    const must = parseRequirement('< 10%');
    const units = failingFor(-10, 12, { end: 290 });
    const finding = shareFinding(
      { name: 'error share', must, units, missing: undefined, warnings: [] },
      { nowMs: 290_000, beganMs: 0 },
    );
    expect(finding).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('more than allowed in the first minute'),
      next: 'Look at what the new pods answered when they began, then verify again.',
    });
  });
});

describe('a release passes', () => {
  test.each<[string, ShareUnit[], number?]>([
    ['one slow second at the start', failingFor(0, 1, { end: 290 })],
    ['a slow start of two seconds', failingFor(-10, -8, { end: 62, every: 2 })],
    ['a failure among few requests of its first minute', quietStart(2, 40)],
    [
      'one among eight, where 1 % may, as one good release in thirteen has',
      quietStart(2, 80),
      0.01,
    ],
  ])('with %s', (_, units, limit = 0.1) => {
    expect(decide(units, undefined, limit)).toMatchObject({ decision: 'below', held: undefined });
  });

  test('whose answers were slow in its first minute, and have long been quick', () => {
    const slow = failingFor(-10, 12, { end: 890 });
    const time = { nowMs: 890_000, beganMs: 0 };
    const check: LatencyCheck = {
      ...{ kind: 'latency', name: 'latency', share: 0.1, limitSeconds: 0.5, text: 'p90 < 500ms' },
      ...{ surely: slow, perhaps: slow, controlSurely: [], controlPerhaps: [] },
      ...{ missing: undefined, warnings: [], bounds: [0.5, 0.5], leftOut: '' },
    };
    expect(latencyFinding(check, time).state).toBe('good');
    const timed = { timed: 1200, slow: 0, perhaps: 0 };
    const units = slow.map((unit) => ({
      ...{ ...unit, bad: 0 },
      times: { ...timed, slow: unit.bad, perhaps: unit.bad },
    }));
    const maxLatency = { share: 0.1, limitSeconds: 0.5, text: 'p90 < 500ms' };
    const seen: TrafficSeen = {
      ...{ units, pods: 1, answered: 1, limit: 0.1, maxLatency, unasked: undefined },
      ...{ lastFailure: undefined, durationsMs: [] },
    };
    expect(trafficLatencyFinding(seen, time)?.state).toBe('good');
  });

  test('however many counters it was counted by', () => {
    const many = scraped({
      from: 0,
      until: 400,
      every: 2,
      pods: 700,
      requests: 1,
      failed: () => 0,
    });
    expect(heldBack(many, { limit: 0.01, sinceMs: 0, risk: 0.005, startHolds: true })).toBe(
      undefined,
    );
  });
});

describe('how likely so many failures are by accident', () => {
  test.each([
    [1, 1, 0.01, 0.01],
    [17, 1, 0.01, 1 - 0.99 ** 17],
    [10, 10, 0.5, 0.5 ** 10],
    // The sum of C(20, k) 0.1^k 0.9^(20 - k) from 5 on.
    [20, 5, 0.1, 0.043174495284],
  ])('of %i requests %i at a share of %d: %d', (total, bad, share, chance) => {
    expect(Math.exp(logBinomialTail({ total, bad }, share))).toBeCloseTo(chance, 9);
  });

  test('is told of a million requests, and not below what is expected', () => {
    const log = logBinomialTail({ total: 1_000_000, bad: 20_000 }, 0.01);
    expect(log).toBeLessThan(-3_000);
    expect(log).toBeGreaterThan(-5_000);
    expect(logBinomialTail({ total: 100, bad: 10 }, 0.1)).toBe(0);
    expect(logBinomialTail({ total: 0, bad: 0 }, 0.1)).toBe(0);
  });
});
