import { describe, expect, test } from '@jest/globals';
import { metricFindings } from '../../src/findings/index.ts';
import { unpackEvidence, type PackedEvidence } from '../../src/observe/metrics/index.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';
import { beganMs, podRecord } from './scraped-service.ts';
import { counted, scrapedServices, share, since } from './served-metrics.ts';

const start = scrapedServices();

describe('what is asked of Prometheus', () => {
  test('never is proportional to it: no list of targets, and only what is new', async () => {
    const service = start({
      counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 5) }),
      request: share,
    });
    await service.pass(60);
    const { requests } = service.world;
    expect(requests.filter(({ path }) => path === '/api/v1/targets')).toEqual([]);
    const late = requests.slice(-6).map(({ parameters }) => parameters.get('query') ?? '');
    const windows = late.map((query) => Number(/\[(\d+)s\]$/.exec(query)?.[1] ?? 0));
    expect(Math.max(...windows)).toBeLessThanOrEqual(20);
    expect(requests.length).toBeLessThan(80);
  });

  test('is not about pods that have no address', async () => {
    const service = start({
      pods: [podRecord('api-1'), podRecord('api-2', { ip: '', startedMs: beganMs + 999_999 })],
      counters: () => ({}),
    });
    await service.pass(6);
    const asked = service.world.requests.map(({ parameters }) => parameters.get('query') ?? '');
    expect(asked.filter((query) => query.includes('api-2'))).toEqual([]);
    expect(service.finding('up')).toMatchObject({ state: 'open' });
  });

  test('finds pods by another label, and by their address', async () => {
    const named = { job: 'x', kubernetes_namespace: 'shop', kubernetes_pod_name: 'api-1' };
    for (const target of [named, { job: 'x', instance: '10.0.0.7:8080' }]) {
      const service = start({
        targets: () => [target],
        counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 5) }),
        request: share,
      });
      await service.pass(31);
      expect(service.finding('up')).toMatchObject({ state: 'good' });
      expect(service.finding('error share')).toMatchObject({ state: 'good' });
    }
  });

  test('leaves out pods of that name in another namespace', async () => {
    const service = start({
      targets: () => [
        { job: 'x', namespace: 'shop', pod: 'api-1', instance: '10.0.0.7:8080' },
        { job: 'x', namespace: 'other', pod: 'api-1', instance: '10.0.0.9:8080' },
      ],
      counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 5) }),
      request: share,
    });
    await service.pass(31);
    expect(counted(service).total).toBeLessThan(200);
  });
});

test('the stored evidence gives the same findings, and is small', async () => {
  const pods = ['api-1', 'api-2', 'api-3'].map((name, index) =>
    podRecord(name, { ip: `10.0.0.${index + 7}` }),
  );
  const service = start({
    pods,
    counters: (_, atMs) => ({
      'http_requests_total{code="200",path="/x"}': since(atMs, 50),
      'http_requests_total{code="500",path="/y"}': since(atMs, 1),
    }),
    request: {
      ...share,
      assertions: [
        { kind: 'value', name: 'ups', query: 'up{$scope}', must: parseRequirement('> 0') },
      ],
    },
  });
  await service.pass(60);
  const stored = JSON.stringify(service.check.evidence());
  expect(stored.length).toBeLessThan(20_000);
  const nowMs = service.clock.now();
  const time = { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs: 300_000 };
  const replayed = metricFindings(unpackEvidence(JSON.parse(stored) as PackedEvidence), time);
  expect(replayed).toEqual(service.findings());
});
