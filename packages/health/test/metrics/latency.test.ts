import { describe, expect, test } from '@jest/globals';
import { parseMaxLatency } from '../../src/judge/max-latency.ts';
import { scrapedServices, since } from './served-metrics.ts';

const start = scrapedServices();

describe('latency', () => {
  const buckets = (slow: number, bounds: readonly string[]) => (_: string, atMs: number) =>
    Object.fromEntries(
      [...bounds, '+Inf'].map((le) => {
        const isAbove = le === '+Inf' || Number(le) >= 0.4;
        const perSecond = isAbove ? 20 : 20 - slow;
        return [
          `http_request_duration_seconds_bucket{le="${le}",path="/x"}`,
          since(atMs, perSecond),
        ];
      }),
    );
  const usual = ['0.1', '0.2', '0.5', '1'];
  const maxLatency = (text: string) => ({ maxLatency: parseMaxLatency(text) });

  test('is judged by a bound of the buckets: 20 % of 0.3 s break p90 < 200ms and keep p90 < 500ms', async () => {
    const bad = start({ counters: buckets(4, usual), request: maxLatency('p90 < 200ms') });
    const good = start({ counters: buckets(4, usual), request: maxLatency('p90 < 500ms') });
    await bad.pass(31);
    await good.pass(31);
    expect(bad.finding('latency')).toMatchObject({
      state: 'bad',
      detail: expect.stringMatching(/^p90 < 200ms: slower than 0.2 s were \d+ of \d+ requests/),
    });
    expect(good.finding('latency')).toMatchObject({ state: 'good' });
  });

  test('is undecidable when the limit lies inside the bucket that decides, and says which bound is missing', async () => {
    const service = start({ counters: buckets(4, usual), request: maxLatency('p90 < 250ms') });
    await service.pass(31);
    expect(service.finding('latency')).toMatchObject({
      ...{ state: 'open', settled: true },
      detail: expect.stringContaining('undecidable, no bucket bound between 0.2 s and 0.5 s'),
    });
  });

  test('is decided inside a bucket too, when nothing is that slow', async () => {
    const service = start({ counters: buckets(0, usual), request: maxLatency('p90 < 250ms') });
    await service.pass(31);
    expect(service.finding('latency')).toMatchObject({ state: 'good' });
  });

  test('beyond the last bound can never break, and so never passes where requests lie there', async () => {
    const service = start({
      counters: buckets(4, ['0.1', '0.2']),
      request: maxLatency('p90 < 1s'),
    });
    await service.pass(31);
    expect(service.finding('latency')).toMatchObject({
      detail: expect.stringContaining('no bucket bound between 0.2 s and infinity'),
    });
  });
});
