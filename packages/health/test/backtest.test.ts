import { expect, test } from '@jest/globals';
import { createPrometheusClient } from '@slipway/prometheus';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { backtest } from '../src/index.ts';
import { prometheusWorld } from './metrics/prometheus-world.ts';
import { errorShare } from './metrics/scraped-service.ts';

const nowMs = 1_800_000_000_000;
const days = (count: number): number => count * 86_400;

/** A pod of the past, in seconds before now, with the share of its requests that fail. */
interface Past {
  pod: string;
  from: number;
  until: number;
  failing: number;
}

/** A Prometheus that scraped these pods every 5 s at their begin and end, and every 5 min between. */
function history(pods: readonly Past[]) {
  const world = prometheusWorld(() => nowMs);
  for (const { pod, from, until, failing } of pods) {
    const ends = [0, ...Array.from({ length: 80 }, (_, index) => 5 * (index + 1))];
    const between = Array.from(
      { length: Math.floor((from - until) / 300) },
      (_, index) => 300 * index,
    );
    const ages = [...ends, ...between, ...ends.map((second) => from - until - second)];
    for (const age of [...new Set(ages)].filter((one) => one >= 0).sort((a, b) => a - b)) {
      const target = { namespace: 'shop', pod, job: 'pods' };
      world.scrape(nowMs + (age - from) * 1000, target, {
        up: 1,
        'http_requests_total{code="200",path="/x"}': Math.round(20 * age * (1 - failing)),
        'http_requests_total{code="500",path="/x"}': Math.round(20 * age * failing),
      });
    }
  }
  const client = createPrometheusClient({
    url: 'http://prometheus',
    auth: { kind: 'none' },
    clock: systemClock,
    fetch: world.fetch,
  });
  return backtest(
    { client, log: fakeLog() },
    {
      workload: { kind: 'deployment', namespace: 'shop', name: 'api' },
      scrapes: true,
      errorShare,
      assertions: [],
      minSoakMs: 30_000,
      deadlineMs: 120_000,
    },
  );
}

test('says of the rollouts of the last week which would have been stopped, and when', async () => {
  const verdicts = await history([
    { pod: 'api-r0-aaaaa', from: days(9), until: days(6) - 60, failing: 0.5 },
    { pod: 'api-r1-bbbbb', from: days(6), until: days(4) - 60, failing: 0 },
    { pod: 'api-r2-ccccc', from: days(4), until: days(2) - 60, failing: 0.5 },
    { pod: 'api-r3-ddddd', from: days(2), until: 0, failing: 0.5 },
  ]);
  expect(verdicts?.map(({ set, verdict }) => `${set} ${verdict}`)).toEqual([
    'api-r1 healthy',
    'api-r2 unhealthy',
    // The pods before it failed as much: going back would not have helped.
    'api-r3 not-enough-evidence',
  ]);
  const [, bad, shared] = verdicts ?? [];
  expect(bad?.beganMs).toBe(nowMs - days(4) * 1000);
  expect(bad?.elapsedMs).toBeLessThan(30_000);
  expect(bad?.cause).toMatch(/^error share: \d+ of \d+ requests/);
  expect(shared?.cause).toContain('old pods fail as much (50 % against 50 %)');
});

test('of a rollout whose time is not over, or that came before, nothing is said', async () => {
  const verdicts = await history([
    { pod: 'api-r0-aaaaa', from: days(9), until: 0, failing: 0.5 },
    { pod: 'api-r1-bbbbb', from: 60, until: 0, failing: 0.5 },
  ]);
  expect(verdicts).toEqual([]);
});

test('of a workload that nobody scrapes, that is told', async () => {
  expect(await history([])).toBeUndefined();
});
