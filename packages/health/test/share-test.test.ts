import { describe, expect, test } from '@jest/globals';
import {
  decideShare,
  evidenceAbove,
  evidenceBelow,
  requestsMissing,
  usualRisk,
  wilsonInterval,
  type ShareUnit,
} from '../src/judge/share-test.ts';

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

function units(
  next: () => number,
  share: (scrape: number) => number,
  scrapes: number,
  perScrape: number,
): ShareUnit[] {
  return Array.from({ length: scrapes }, (_, scrape) => {
    let bad = 0;
    for (let request = 0; request < perScrape; request += 1) if (next() < share(scrape)) bad += 1;
    return { total: perScrape, bad };
  });
}

/** After how many scrapes the share is first called above the limit when one looks after each. */
function firstAbove(all: readonly ShareUnit[], limit: number): number | undefined {
  for (let seen = 1; seen <= all.length; seen += 1)
    if (evidenceAbove(all.slice(0, seen), limit) >= -Math.log(usualRisk.above)) return seen;
  return undefined;
}

describe('the share of failed requests, with a limit of 10 %', () => {
  test.each<[string, ShareUnit[], string]>([
    ['1 of 3 is too few to tell', [{ total: 3, bad: 1 }], 'open'],
    ['nothing is too few to tell', [], 'open'],
    ['none of 10 is too few to tell', [{ total: 10, bad: 0 }], 'open'],
    ['none of 60 is below', [{ total: 60, bad: 0 }], 'below'],
    ['60 of 300 is above', Array.from({ length: 10 }, () => ({ total: 30, bad: 6 })), 'above'],
    [
      'all of 20 in two scrapes is above',
      [
        { total: 10, bad: 10 },
        { total: 10, bad: 10 },
      ],
      'above',
    ],
    ['a burst within one scrape of one pod does not decide', [{ total: 40, bad: 40 }], 'open'],
    ['exactly 10 % stays open', Array.from({ length: 50 }, () => ({ total: 10, bad: 1 })), 'open'],
  ])('%s', (_, given, decision) => {
    expect(decideShare(given, 0.1).decision).toBe(decision);
  });

  test('a release that turns bad late is not excused by a good start', () => {
    const good = Array.from({ length: 60 }, () => ({ total: 40, bad: 0 }));
    const bad = Array.from({ length: 6 }, () => ({ total: 40, bad: 12 }));
    expect(decideShare([...good, ...bad], 0.1)).toMatchObject({ decision: 'above' });
  });

  test('looked at after every scrape, 20 % is above within a few hundred requests, always', () => {
    const scrapes = Array.from({ length: 100 }, (_, seed) =>
      firstAbove(
        units(random(seed), () => 0.2, 60, 10),
        0.1,
      ),
    );
    const sorted = scrapes.map((seen) => seen ?? Infinity).sort((a, b) => a - b);
    expect(sorted[50]).toBeLessThan(20);
    expect(sorted[94]).toBeLessThan(45);
  });

  test.each([0.1, 0.05])(
    'looked at after every scrape, a share of %d is hardly ever called above',
    (share) => {
      const runs = 600;
      const wrong = Array.from({ length: runs }, (_, seed) =>
        firstAbove(
          units(random(seed + 1e6), () => share, 25, 8),
          0.1,
        ),
      ).filter((seen) => seen !== undefined);
      expect(wrong.length / runs).toBeLessThanOrEqual(usualRisk.above);
    },
  );

  test('looked at after every request, a share of 10 % is called below no more often than promised', () => {
    const runs = 400;
    let wrong = 0;
    for (let seed = 0; seed < runs; seed += 1) {
      const next = random(seed + 2e6);
      let bad = 0;
      for (let total = 1; total <= 200; total += 1) {
        if (next() < 0.1) bad += 1;
        if (evidenceBelow(total, bad, 0.1) >= -Math.log(usualRisk.below)) {
          wrong += 1;
          break;
        }
      }
    }
    expect(wrong / runs).toBeLessThanOrEqual(usualRisk.below);
  });

  test.each([0.1, 0.01, 0.001])('a limit of %d can be met and broken by clear cases', (limit) => {
    const many = Math.ceil(8 / limit);
    expect(decideShare([{ total: many, bad: 0 }], limit).decision).toBe('below');
    const broken = Array.from({ length: 4 }, () => ({
      total: many,
      bad: Math.ceil(many * limit * 4),
    }));
    expect(decideShare(broken, limit).decision).toBe('above');
  });
});

describe('the number of requests that are missing', () => {
  test('is what makes the share below, and one less does not', () => {
    for (const [total, bad] of [
      [0, 0],
      [3, 1],
      [50, 4],
      [200, 19],
    ] as const) {
      const missing = requestsMissing(total, bad, 0.1);
      expect(decideShare([{ total: total + missing, bad }], 0.1).decision).toBe('below');
      expect(decideShare([{ total: total + missing - 1, bad }], 0.1).decision).toBe('open');
    }
  });
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
