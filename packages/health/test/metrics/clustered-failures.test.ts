import { describe, expect, test } from '@jest/globals';
import { usualRisk } from '../../src/judge/index.ts';
import {
  random,
  type Scraped,
  scraped,
  decide,
  calledAt,
  countOf,
  clustered,
} from './decided-share.ts';

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
