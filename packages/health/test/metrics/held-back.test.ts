import { describe, expect, test } from '@jest/globals';
import { shareFinding } from '../../src/findings/metric-findings.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';
import { decide, passedAfter, scraped, type Scraped } from './decided-share.ts';

/** All of 20 requests a second fail from `from` to `until`, in seconds of the verification; scraped once a minute. */
function failingFor(from: number, until: number, seen: { end: number; every?: number }) {
  const { end, every = 60 } = seen;
  const failed: Scraped['failed'] = (at) =>
    20 * Math.max(0, Math.min(until, at.until) - Math.max(from, at.from));
  return scraped({ from: -10, until: end, every, requests: 20 * every, failed });
}

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
  test.each([
    ['one slow second at the start', failingFor(0, 1, { end: 290 })],
    ['a slow start of two seconds', failingFor(-10, -8, { end: 62, every: 2 })],
    [
      'a failure among few requests of its first minute',
      [
        ...scraped({
          from: -10,
          until: 50,
          every: 15,
          requests: 2,
          failed: ({ from }) => (from < 0 ? 1 : 0),
        }),
        ...scraped({ from: 50, until: 290, every: 15, requests: 40, failed: () => 0 }),
      ],
    ],
  ])('with %s', (_, units) => {
    expect(decide(units)).toMatchObject({ decision: 'below', held: undefined });
  });
});
