import { describe, expect, test } from '@jest/globals';
import { decideShare, usualRisk, wilsonInterval, type ShareUnit } from '../../src/judge/index.ts';

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What is scraped of some pods; times in seconds from the begin of the verification. */
interface Scraped {
  pods?: number;
  /** When the pods began; their first scrape comes one interval later. */
  from?: number;
  until: number;
  every?: number;
  /** Requests of each pod between two scrapes. */
  requests?: number;
  /** Of them, the failed ones. */
  failed: (at: { from: number; until: number; pod: number }) => number;
}

function scraped({ pods = 1, from = 0, until, every = 2, requests = 40, failed }: Scraped) {
  const units: ShareUnit[] = [];
  for (let at = from + every; at <= until; at += every)
    for (let pod = 0; pod < pods; pod += 1)
      units.push({
        pod: `api-${pod}`,
        node: `node-${Math.floor(pod / 4)}`,
        fromMs: (at - every) * 1000,
        atMs: at * 1000,
        total: requests,
        bad: failed({ from: at - every, until: at, pod }),
      });
  return units;
}

const decide = (units: readonly ShareUnit[], nowMs = units.at(-1)?.atMs ?? 0, limit = 0.1) =>
  decideShare(units, { limit, beganMs: 0, nowMs });

/** How long all was well, in seconds, when the share is below; undefined when it is not. */
function passedAfter(units: readonly ShareUnit[], nowMs = units.at(-1)?.atMs ?? 0) {
  const { decision, wellSinceMs } = decide(units, nowMs);
  return decision === 'below' && wellSinceMs !== undefined
    ? (nowMs - wellSinceMs) / 1000
    : undefined;
}

/** The second at which one who looks after every scrape is told that the share is above. */
function calledAt(units: readonly ShareUnit[], limit = 0.1): number | undefined {
  for (const [index, { atMs }] of units.entries())
    if (units[index + 1]?.atMs !== atMs && atMs > 0) {
      const { decision } = decide(units.slice(0, index + 1), atMs, limit);
      if (decision === 'above') return atMs / 1000;
    }
  return undefined;
}

const countOf = (next: () => number, requests: number, share: number): number => {
  let failed = 0;
  for (let request = 0; request < requests; request += 1) if (next() < share) failed += 1;
  return failed;
};

/** Shares in clusters: some scrapes fail heavily, most not at all, with a correlation of 0.3. */
function clustered(next: () => number, mean: number): () => number {
  // A mixture of two shares with the mean and the variance of the beta distribution.
  const heavy = 0.3 + 0.7 * mean;
  return () => (next() < mean / heavy ? heavy : 0);
}

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

describe('failures in clusters', () => {
  test.each<[string, Partial<Scraped>]>([
    ['a burst of 2 s', { failed: ({ from }) => (from === 14 ? 40 : 0) }],
    [
      'a burst of 2 s over two scrapes',
      { failed: ({ from }) => (from === 14 || from === 16 ? 20 : 0) },
    ],
    [
      'one slow second in a 15-s scrape',
      { every: 15, requests: 300, failed: ({ from }) => (from === 15 ? 20 : 0) },
    ],
    ['a slow second every 30 s', { until: 300, failed: ({ from }) => (from % 30 === 0 ? 20 : 0) }],
  ])('%s is not called', (_, given) => {
    const units = scraped({ until: 90, failed: () => 0, ...given });
    expect(calledAt(units)).toBeUndefined();
    expect(decide(units).decision).toBe('below');
  });

  test('pods that fail for their first two seconds, one after the other, are not called', () => {
    const units = Array.from({ length: 5 }, (_, pod) =>
      scraped({ from: 2 * pod, until: 60, failed: ({ from }) => (from === 2 * pod ? 40 : 0) }).map(
        (unit) => ({ ...unit, pod: `api-${pod}` }),
      ),
    );
    expect(calledAt(units.flat().sort((a, b) => a.atMs - b.atMs))).toBeUndefined();
  });

  test('with a correlation of 0.3 and half the limit are hardly ever called, by whoever looks always', () => {
    const runs = 80;
    const called = Array.from({ length: runs }, (_, seed) => {
      const next = random(seed + 1e6);
      const share = clustered(next, 0.05);
      return calledAt(scraped({ until: 40, failed: () => countOf(next, 40, share()) }));
    }).filter((at) => at !== undefined);
    expect(called.length / runs).toBeLessThanOrEqual(usualRisk.above);
  });

  test('one by one, a share at the limit is hardly ever called, by whoever looks always', () => {
    const runs = 80;
    const called = Array.from({ length: runs }, (_, seed) => {
      const next = random(seed + 2e6);
      return calledAt(scraped({ until: 40, failed: () => countOf(next, 40, 0.1) }));
    }).filter((at) => at !== undefined);
    expect(called.length / runs).toBeLessThanOrEqual(usualRisk.above);
  });

  test('widen the interval that people are shown', () => {
    const even = decide(scraped({ until: 60, failed: () => 2 }));
    const thick = decide(scraped({ until: 60, failed: ({ from }) => (from % 20 === 0 ? 20 : 0) }));
    expect([even.bad, thick.bad]).toEqual([60, 60]);
    expect([even.designEffect, thick.designEffect > 10]).toEqual([1, true]);
    expect(thick.interval[1]).toBeGreaterThan(2 * even.interval[1]);
  });
});

describe('a pod, a node or a route of its own', () => {
  test('one of 20 pods fails all: it is called and named', () => {
    const units = scraped({
      pods: 20,
      until: 30,
      requests: 2,
      failed: ({ pod }) => (pod === 7 ? 2 : 0),
    });
    expect(calledAt(units)).toBeLessThanOrEqual(16);
    expect(decide(units)).toMatchObject({
      decision: 'above',
      where: { kind: 'pod', name: 'api-7', bad: 30, total: 30 },
    });
  });

  test('all pods of one node fail: the node is named', () => {
    const units = scraped({
      pods: 12,
      until: 30,
      requests: 4,
      failed: ({ pod }) => (pod < 4 ? 4 : 0),
    });
    expect(decide(units).where).toMatchObject({ kind: 'node', name: 'node-0' });
  });

  test('one route fails at every pod: the route is named', () => {
    const units = scraped({ pods: 2, until: 30, requests: 20, failed: () => 0 }).flatMap((unit) => [
      { ...unit, route: '/orders' },
      { ...unit, route: '/pay', total: 2, bad: 2 },
    ]);
    expect(decide(units).where).toMatchObject({ kind: 'route', name: '/pay' });
  });

  test('all pods fail alike: none is named', () => {
    const units = scraped({ pods: 5, until: 30, failed: () => 12 });
    expect(decide(units)).toMatchObject({ decision: 'above', where: undefined });
  });

  test('many pods do not add up to a false alarm', () => {
    const runs = 25;
    const called = Array.from({ length: runs }, (_, seed) => {
      const next = random(seed + 3e6);
      const failed = (): number => countOf(next, 4, 0.05);
      return calledAt(scraped({ pods: 20, until: 30, requests: 4, failed }));
    }).filter((at) => at !== undefined);
    expect(called).toEqual([]);
  });

  test('a pod that fails is not passed before it can be called', () => {
    const units = scraped({
      pods: 20,
      until: 30,
      requests: 2,
      failed: ({ pod, until }) => (pod === 3 && until % 4 === 0 ? 1 : 0),
    });
    expect(decide(units)).toMatchObject({ decision: 'open', rising: true, wellSinceMs: undefined });
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

describe('Wilson’s interval', () => {
  test.each<[number, number, number, number]>([
    [0, 10, 0, 0.2775],
    [1, 10, 0.0179, 0.4042],
    [60, 300, 0.1587, 0.2489],
    [10, 10, 0.7225, 1],
  ])('of %d in %d is %d to %d', (bad, total, low, high) => {
    const [from, to] = wilsonInterval(bad, total);
    expect(from).toBeCloseTo(low, 3);
    expect(to).toBeCloseTo(high, 3);
  });

  test('of nothing is everything', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});
