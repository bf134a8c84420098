import { describe, expect, test } from '@jest/globals';
import { failsFreshly } from '../../src/index.ts';
import { scrapedServices, share, since } from './served-metrics.ts';

const start = scrapedServices();

/** A service of 20 requests a second of which a part fails from a second of the verification on. */
function failing(part: number, fromSecond: number) {
  const service = start({
    counters: (_, atMs) => ({
      'http_requests_total{code="200",path="/x"}': since(atMs, 20),
      'http_requests_total{code="500",path="/x"}': since(atMs, 20 * part, fromSecond),
    }),
    request: share,
  });
  const { world } = service;
  /** How often the counters were read in the next ten seconds. */
  const reads = async (): Promise<number> => {
    const before = world.requests.length;
    await service.pass(10);
    const asked = world.requests.slice(before).map(({ parameters }) => parameters.get('query'));
    return asked.filter((query) => query?.startsWith('http_requests_total') === true).length;
  };
  return { ...service, reads };
}

describe('counters are read', () => {
  test('every two seconds while nothing fails', async () => {
    const { reads } = failing(0, 0);
    await reads();
    expect(await reads()).toBeLessThanOrEqual(6);
  });

  test('several times as often while more requests than allowed have begun to fail', async () => {
    const { reads } = failing(0.13, 10);
    await reads();
    expect(await reads()).toBeGreaterThanOrEqual(14);
  });

  test('as often as ever when that has gone on for half a minute', async () => {
    const { pass, reads } = failing(0.13, 10);
    await pass(60);
    expect(await reads()).toBeLessThanOrEqual(6);
  });
});

describe('failures are fresh', () => {
  const unit = (second: number, bad: number) => ({
    ...{ pod: 'api-1', fromMs: (second - 2) * 1000, atMs: second * 1000 },
    ...{ total: 40, bad },
  });
  const units = (from: number, until: number, bad: number) =>
    Array.from({ length: (until - from) / 2 }, (_, index) => unit(from + 2 * index + 2, bad));
  const at = (nowMs: number) => ({ limit: 0.1, beganMs: 0, nowMs, intervalMs: 2_000 });

  test.each<[string, ReturnType<typeof units>, number, boolean]>([
    ['from the first scrape on', units(0, 4, 8), 4_000, true],
    ['after good minutes', [...units(-200, 30, 0), ...units(30, 36, 8)], 36_000, true],
    ['whatever was before the verification', units(-200, 4, 8), 4_000, true],
    ['not once they have lasted', units(0, 50, 8), 50_000, false],
    ['not at the limit', units(0, 10, 4), 10_000, false],
    ['not when they are over', [...units(0, 6, 40), ...units(6, 14, 0)], 14_000, false],
    ['not without requests', [], 10_000, false],
  ])('%s: %#', (_, seen, nowMs, fresh) => {
    expect(failsFreshly(seen, at(nowMs))).toBe(fresh);
  });
});
