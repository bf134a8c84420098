import { describe, expect, test } from '@jest/globals';
import type { EvaluationRun, MetricsEvidence, ScrapedPod } from '../../src/findings/index.ts';
import { metricFindings } from '../../src/findings/prometheus-findings.ts';
import { shareFinding } from '../../src/findings/metric-findings.ts';
import { addEvaluation, valueFinding } from '../../src/findings/value-findings.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';

const must = parseRequirement('< 0.1');
const at = (nowMs: number) => ({ nowMs, beganMs: 0, elapsedMs: nowMs, deadlineMs: 300_000 });

describe('an assertion', () => {
  type Outcome = EvaluationRun['outcome'];
  const runsOf = (outcomes: readonly Outcome[], everyMs = 5_000) =>
    outcomes.reduce<readonly EvaluationRun[]>(
      (runs, outcome, index) =>
        addEvaluation(runs, { outcome, shown: outcome, atMs: 1_000 + index * everyMs }, 5_000),
      [],
    );
  const find = (over: boolean, outcomes: readonly Outcome[]) =>
    valueFinding(
      { name: 'a', must, runs: runsOf(outcomes), missing: undefined },
      { nowMs: 1_000 + outcomes.length * 5_000, intervalMs: 5_000, over },
    );

  test.each<[string, boolean, Outcome[], string]>([
    ['not evaluated is open', false, [], 'open'],
    ['that held once is open', false, ['holds'], 'open'],
    ['that held twice is good', false, ['holds', 'holds'], 'good'],
    ['violated once is open', false, ['holds', 'violated'], 'open'],
    ['violated three times on end is bad', false, ['violated', 'violated', 'violated'], 'bad'],
    [
      'violated on and off stays open',
      false,
      ['violated', 'holds', 'violated', 'holds', 'violated'],
      'open',
    ],
    ['violated twice at the deadline is bad', true, ['violated', 'violated'], 'bad'],
    ['without data is never good', true, ['holds', 'holds', 'no-data'], 'open'],
    ['of NaN and Inf is never good', true, ['no-number', 'no-number'], 'open'],
  ])('%s', (_, over, outcomes, state) => {
    expect(find(over, outcomes).state).toBe(state);
  });

  test('that was violated until a moment ago has held only since then', () => {
    expect(find(false, ['holds', 'violated', 'holds', 'holds'])).toMatchObject({
      state: 'good',
      wellSinceMs: 11_000,
    });
    expect(find(false, ['holds', 'violated'])).not.toHaveProperty('wellSinceMs');
  });

  test('that nobody evaluated for long has not held all the while, and holds no more', () => {
    const runs = addEvaluation(
      runsOf(['holds', 'holds']),
      { outcome: 'holds', shown: '', atMs: 60_000 },
      5_000,
    );
    expect(runs.at(-1)).toMatchObject({ fromMs: 60_000, times: 1 });
    const late = { nowMs: 90_000, intervalMs: 5_000, over: false };
    expect(valueFinding({ name: 'a', must, runs, missing: undefined }, late)).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('not evaluated for 30s'),
    });
  });

  test('keeps little, however often it is evaluated', () => {
    const many = runsOf(
      Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? 'holds' : 'violated')),
    );
    expect(many.length).toBeLessThanOrEqual(20);
  });
});

test('a share with warnings of Prometheus is never good, but may be bad', () => {
  const share = (bad: number) =>
    shareFinding(
      {
        name: 'errors',
        must,
        units: Array.from({ length: 10 }, (_, scrape) => ({
          pod: 'api-1',
          fromMs: scrape * 2_000,
          atMs: (scrape + 1) * 2_000,
          total: 30,
          bad,
        })),
        missing: undefined,
        warnings: ['a store did not answer'],
      },
      { nowMs: 20_000, beganMs: 0 },
    ).state;
  expect([share(0), share(9)]).toEqual(['blind', 'bad']);
});

describe('the scrapes of the new pods', () => {
  const pod = (more: Partial<ScrapedPod> = {}): ScrapedPod => ({
    ...{ name: 'api-1', state: 'up', sinceMs: 10_000, scrapesMs: [10_000, 12_000, 14_000] },
    ...more,
  });
  const find = (pods: ScrapedPod[], nowMs = 15_000) =>
    metricFindings({ pods, intervalMs: 2_000, checks: [{ kind: 'up', name: 'up' }] }, at(nowMs))[0];

  test('are good since the last pod was up, and tell when all had been scraped', () => {
    const second = pod({ name: 'api-2', sinceMs: 11_000, scrapesMs: [11_000, 13_000, 15_000] });
    expect(find([pod(), second])).toMatchObject({
      ...{ state: 'good', detail: 'up == 1 for 2 of 2 new pods' },
      ...{ wellSinceMs: 11_000, sampledMs: [10_000, 12_000, 14_000] },
    });
  });

  test('are blind with the target and its error when one fails, and settled when it lasts', () => {
    const down = pod({ state: 'failing', scrapesMs: [], target: 'http://x', error: 'refused' });
    expect(find([pod(), down])).toMatchObject({
      ...{ state: 'blind', settled: false },
      detail: 'Prometheus cannot scrape pod/api-1 (http://x): refused',
    });
    expect(find([down], 30_000)).toMatchObject({ settled: true });
  });

  test('are blind when a pod has no target', () => {
    expect(find([pod({ state: 'lost', scrapesMs: [] })])).toMatchObject({ state: 'blind' });
  });

  test('are open for a pod that has no address yet, for no pods, and when they stop', () => {
    expect(find([pod({ scrapesMs: [] })])).toMatchObject({ state: 'open' });
    expect(find([])).toMatchObject({ state: 'open' });
    expect(find([pod()], 60_000)).toMatchObject({
      ...{ state: 'open', wellSinceMs: 10_000 },
      detail: expect.stringContaining('the last scrape was 46 s ago'),
    });
  });
});

describe('an outage', () => {
  const find = (outage: NonNullable<MetricsEvidence['checks'][number]['outage']>, nowMs: number) =>
    metricFindings(
      { pods: [], intervalMs: 2_000, checks: [{ kind: 'up', name: 'up', outage }] },
      at(nowMs),
    )[0];
  const away = { why: 'it is away', sinceMs: 10_000, final: false, answered: false };

  test('is settled when nobody ever answered for half a minute', () => {
    expect(find(away, 20_000)).toMatchObject({ state: 'blind', settled: false });
    expect(find(away, 40_000)).toMatchObject({ state: 'blind', settled: true });
    expect(find({ ...away, answered: true }, 60_000)).toMatchObject({ settled: false });
  });

  test('that waiting cannot mend ends the verification at once, if it was so from the beginning', () => {
    expect(find({ ...away, final: true }, 10_500)).toMatchObject({ final: true });
    expect(find({ ...away, final: true, answered: true }, 10_500)).not.toHaveProperty('final');
  });
});

describe('routes that answer nothing but 4xx', () => {
  const find = (routes: readonly { route: string; total: number; refused: number }[]) =>
    metricFindings(
      {
        pods: [],
        intervalMs: 2_000,
        checks: [
          {
            ...{ kind: 'share', name: 'error share', must, units: [], missing: undefined },
            ...{ warnings: [], leftOut: '', routes, control: [] },
          },
        ],
      },
      at(60_000),
    ).find(({ check }) => check === 'client errors');

  test('are told, and decide when there is no other answer', () => {
    const orders = { route: '/orders', total: 57, refused: 57 };
    expect(find([orders])).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('/orders (57) answered nothing but 4xx'),
    });
    expect(find([orders, { route: '/items', total: 9, refused: 0 }])?.state).toBe('good');
  });

  test('are no finding when they are few, or mixed', () => {
    expect(find([{ route: '/a', total: 5, refused: 5 }])).toBeUndefined();
    expect(find([{ route: '/a', total: 50, refused: 49 }])).toBeUndefined();
  });
});
