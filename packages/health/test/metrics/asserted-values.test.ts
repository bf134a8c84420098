import { describe, expect, test } from '@jest/globals';
import { parseRequirement } from '../../src/judge/requirement.ts';
import { scrapedServices, secondsOf } from './served-metrics.ts';

const start = scrapedServices();

describe('assertions', () => {
  const must = parseRequirement('< 10');
  const queue = { kind: 'value' as const, name: 'queue', query: 'queue{$scope}', must };

  test('that were violated until just now have not held over the soak', async () => {
    const service = start({
      counters: (_, atMs) => ({ queue: secondsOf(atMs) < 28 ? 50 : 1 }),
      request: { assertions: [{ ...queue, must: parseRequirement('< 60') }, queue] },
    });
    await service.pass(40);
    const finding = service.finding('queue');
    expect(finding).toMatchObject({ state: 'good' });
    expect(secondsOf(finding?.wellSinceMs ?? 0)).toBeGreaterThanOrEqual(28);
    expect(finding?.sampledMs?.every((ms) => ms <= service.clock.now())).toBe(true);
  });

  test('are asked side by side: three of three seconds each hold up neither each other nor `up`', async () => {
    const names = ['one', 'two', 'three'];
    const service = start({
      latencyMs: () => 3_000,
      counters: () => ({ queue: 1 }),
      request: { assertions: names.map((name) => ({ ...queue, name })) },
    });
    await service.pass(30);
    for (const name of names) expect(service.finding(name)).toMatchObject({ state: 'good' });
    expect(service.finding('up')).toMatchObject({ state: 'good' });
    expect(secondsOf(service.finding('one')?.wellSinceMs ?? Infinity)).toBeLessThan(16);
  });

  test('that do not parse are told at once, with the place', async () => {
    const service = start({
      counters: () => ({ queue: 1 }),
      request: { assertions: [{ ...queue, query: 'sum(rate(queue{$scope}[1m])' }] },
    });
    service.world.intercept(({ parameters }) =>
      parameters.get('query')?.startsWith('sum') === true
        ? Response.json(
            {
              ...{ status: 'error', errorType: 'bad_data' },
              error: 'invalid parameter "query": 1:60: parse error: unclosed left parenthesis',
            },
            { status: 400 },
          )
        : undefined,
    );
    await service.pass(1);
    expect(service.finding('queue')).toMatchObject({
      final: true,
      detail: expect.stringContaining(
        'parse error: unclosed left parenthesis at line 1, column 60 of the query',
      ),
    });
  });

  test('over a metric that nobody has are told as soon as all pods were scraped twice', async () => {
    const service = start({
      counters: () => ({ queue_length: 1 }),
      request: { assertions: [{ ...queue, query: 'queue_lenght{$scope}' }] },
    });
    await service.pass(9);
    expect(service.finding('queue')).toMatchObject({
      final: true,
      detail:
        'the metric queue_lenght does not exist in this Prometheus; the new pods export queue_length',
    });
  });

  test('outlive a single 401, 429 or 503, and a partial answer', async () => {
    const service = start({ counters: () => ({ queue: 1 }), request: { assertions: [queue] } });
    await service.pass(10);
    const { wellSinceMs } = service.finding('queue') ?? {};
    for (const status of [401, 429, 503]) {
      let left = 1;
      service.world.intercept(({ parameters }) =>
        parameters.get('query')?.startsWith('queue') === true && left-- > 0
          ? new Response('no', { status })
          : undefined,
      );
      await service.pass(6);
      expect(service.finding('queue')).toMatchObject({ state: 'good', wellSinceMs });
    }
    let left = 1;
    service.world.intercept(({ parameters }) =>
      parameters.get('query')?.startsWith('queue') === true && left-- > 0
        ? Response.json({
            ...{ status: 'success', warnings: ['a store is away'] },
            data: { resultType: 'vector', result: [] },
          })
        : undefined,
    );
    await service.pass(6);
    expect(service.finding('queue')).toMatchObject({ state: 'good', wellSinceMs });
  });
});
