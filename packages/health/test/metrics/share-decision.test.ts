import { describe, expect, test } from '@jest/globals';
import { random, scraped, decide, passedAfter, calledAt, countOf } from './decided-share.ts';

describe('the verdict is about the time of the verification', () => {
  test('all requests fail after ten good minutes: it is called within seconds', () => {
    const units = scraped({ from: -600, until: 60, failed: ({ from }) => (from >= 0 ? 40 : 0) });
    expect(calledAt(units)).toBeLessThanOrEqual(10);
  });

  test('20 % fail after ten good minutes: it is called as if they had not been', () => {
    const units = scraped({ from: -600, until: 60, failed: ({ from }) => (from >= 0 ? 8 : 0) });
    expect(calledAt(units)).toBeLessThanOrEqual(16);
  });

  test('what pods did long before says nothing against a release that serves now', () => {
    const units = scraped({ from: -600, until: 40, failed: ({ from }) => (from < 0 ? 40 : 0) });
    expect(calledAt(units)).toBeUndefined();
    expect(decide(units)).toMatchObject({ decision: 'below', bad: 0, total: 800 });
  });

  test('nor when it is read only since shortly before', () => {
    const units = scraped({ from: -90, until: 40, failed: ({ from }) => (from < 0 ? 40 : 0) });
    expect(decide(units)).toMatchObject({ decision: 'below', bad: 0, total: 800 });
  });

  test('what new pods did in their first minute counts', () => {
    const units = scraped({ from: -8, until: 2, failed: () => 40 });
    expect(decide(units)).toMatchObject({ decision: 'above', total: 200 });
  });

  test('what new pods did in their first minute is no reason to pass', () => {
    expect(decide(scraped({ from: -30, until: 0, failed: () => 0 })).decision).toBe('open');
  });
});

describe('a share above the limit', () => {
  test.each([
    [0.1, 8, 14],
    [0.01, 2, 16],
  ])('with a limit of %d and %d failures in 40 is called by second %d', (limit, bad, by) => {
    expect(calledAt(scraped({ until: 60, failed: () => bad }), limit)).toBeLessThanOrEqual(by);
  });

  test('20 % of 20 requests per second, one by one, is called in 10 s in the median', () => {
    const seconds = Array.from({ length: 51 }, (_, seed) => {
      const next = random(seed);
      return calledAt(scraped({ from: -2, until: 60, failed: () => countOf(next, 40, 0.2) })) ?? 99;
    });
    expect(seconds.sort((a, b) => a - b)[25]).toBeLessThanOrEqual(10);
  });

  test('that begins late is called, and says since when', () => {
    const units = scraped({ until: 90, failed: ({ from }) => (from >= 60 ? 12 : 0) });
    const { decision, against } = decide(units);
    expect({ decision, against }).toMatchObject({
      decision: 'above',
      against: { sinceMs: 60_000, total: 600, bad: 180 },
    });
  });

  test.each([15, 30, 60])('of which all fail is called after two scrapes of %d s', (every) => {
    const units = scraped({ until: 300, every, requests: 20 * every, failed: () => 20 * every });
    expect(calledAt(units)).toBe(2 * every);
  });
});

describe('a share below the limit', () => {
  test('passes when the soak has been seen, not when it is over', () => {
    const units = scraped({ from: -1, until: 31, failed: () => 0 });
    expect(passedAfter(units)).toBe(31);
    // Ten seconds later nothing more has been scraped.
    expect(passedAfter(units, 41_000)).toBe(31);
  });

  test('20 % from second 25 of a 30-s soak never passes', () => {
    const passed = Array.from({ length: 300 }, (_, seed) => {
      const next = random(seed + 4e6);
      const failed = ({ until }: { until: number }): number =>
        countOf(next, 20 * Math.min(2, Math.max(0, until - 25)), 0.2);
      return passedAfter(scraped({ from: -((seed % 20) / 10), until: 30, failed }), 30_000) ?? 0;
    });
    expect(passed.filter((seconds) => seconds >= 30)).toEqual([]);
  });

  test('a release with a failure now and then passes at the end of its soak', () => {
    const late = Array.from({ length: 100 }, (_, seed) => {
      const next = random(seed + 5e6);
      return passedAfter(scraped({ until: 30, failed: () => countOf(next, 40, 0.002) }));
    }).filter((seconds) => seconds !== 30);
    expect(late.length).toBeLessThanOrEqual(3);
  });

  test('takes two scrapes', () => {
    const units = scraped({ until: 60, every: 60, requests: 1200, failed: () => 0 });
    expect(decide(units).decision).toBe('open');
    expect(
      decide(scraped({ until: 120, every: 60, requests: 1200, failed: () => 0 })).decision,
    ).toBe('below');
  });

  test.each([
    ['1 of 3', 3, 1, 1, 'open'],
    ['none of 10', 10, 1, 0, 'open'],
    ['none of 60', 10, 6, 0, 'below'],
    ['exactly the limit', 50, 10, 1, 'open'],
  ] as const)('%s is neither or below, as it should', (_, scrapes, requests, first, decision) => {
    const isLimit = requests === 10;
    const failed = ({ from }: { from: number }): number => (from === 0 || isLimit ? first : 0);
    expect(decide(scraped({ until: 2 * scrapes, requests, failed })).decision).toBe(decision);
  });

  test('what is missing makes it below, and little less does not', () => {
    const seen = scraped({ until: 10, requests: 4, failed: () => 0 });
    const { decision, missing } = decide(seen);
    expect(decision).toBe('open');
    const more = (scrapes: number): string =>
      decide(scraped({ until: 10 + 2 * scrapes, requests: 4, failed: () => 0 })).decision;
    expect([more(missing / 4), more(missing / 4 - 1)]).toEqual(['below', 'open']);
  });

  test('nothing at all is open, and counts that cannot be are made whole', () => {
    expect(decide([])).toMatchObject({ decision: 'open', total: 0, bad: 0, interval: [0, 1] });
    const odd = scraped({ until: 20, failed: () => 50 }).map((unit) => ({ ...unit, total: 40.4 }));
    expect(decide(odd)).toMatchObject({ decision: 'above', total: 400, bad: 400 });
  });
});

test('a decision over 50 pods and 150 scrapes takes milliseconds', () => {
  const next = random(9);
  const failed = (): number => countOf(next, 4, 0.05);
  const units = scraped({ pods: 50, until: 300, requests: 4, failed });
  decide(units);
  // Processor time, so that a busy machine does not matter.
  const times = Array.from({ length: 5 }, () => {
    const began = process.cpuUsage();
    decide(units);
    return process.cpuUsage(began).user / 1000;
  });
  // Ten times what it takes.
  expect(Math.min(...times)).toBeLessThan(100);
});
