import { afterEach, describe, expect, test } from '@jest/globals';
import { metricFindings } from '../../src/findings/index.ts';
import { unpackEvidence, type PackedEvidence } from '../../src/observe/metrics/index.ts';
import { parseMaxLatency } from '../../src/judge/max-latency.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';
import { beganMs, errorShare, podRecord, scrapedService } from './scraped-service.ts';

const services: ReturnType<typeof scrapedService>[] = [];
const start = (options: Parameters<typeof scrapedService>[0]) => {
  const service = scrapedService(options);
  services.push(service);
  return service;
};
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

const secondsOf = (atMs: number): number => (atMs - beganMs) / 1000;
/** A counter of `perSecond` requests since a pod began five seconds before the verification. */
const since = (atMs: number, perSecond: number, fromSecond = -5): number =>
  Math.max(0, Math.floor((secondsOf(atMs) - fromSecond) * perSecond));
const share = { errorShare };

/** The units that the share check has, summed up. */
function counted(service: ReturnType<typeof scrapedService>) {
  const { checks } = unpackEvidence(service.check.evidence() as PackedEvidence);
  const found = checks.find(({ name }) => name === 'error share');
  const units = found?.kind === 'share' ? found.units : [];
  const sum = (of: (unit: (typeof units)[number]) => number) =>
    units.reduce((all, unit) => all + of(unit), 0);
  return { units, total: sum(({ total }) => total), bad: sum(({ bad }) => bad) };
}

describe('the requests that are counted', () => {
  test('are those of users, by a counter that is found', async () => {
    const service = start({
      counters: (_, atMs) => ({
        'http_requests_total{code="200",method="GET"}': since(atMs, 20),
        'http_requests_total{code="500",method="GET"}': since(atMs, 1),
      }),
      request: share,
    });
    await service.pass(31);
    const { total, bad, units } = counted(service);
    expect(bad / total).toBeCloseTo(1 / 21, 1);
    expect(total).toBeGreaterThan(500);
    expect(units[0]).toMatchObject({ pod: 'api-1', node: 'node-a' });
    expect(service.log.text()).toContain(
      'counted by http_requests_total (promhttp or its like; code in code).',
    );
  });

  test('are none when only the kubelet and the scrapes ask, and the counter does not say who', async () => {
    const service = start({
      counters: (_, atMs) => ({
        'http_requests_total{code="200"}': since(atMs, 1 / 5) + since(atMs, 1 / 2),
      }),
      request: share,
    });
    await service.pass(120);
    expect(counted(service).total).toBe(0);
    expect(service.finding('error share')).toMatchObject({
      state: 'open',
      detail: expect.stringMatching(
        /^no requests: too few to tell; left out \d+ requests that no user sent \(kubelet, scrapes\)/,
      ),
    });
  });

  test('are only the failed ones of a user among many good ones of the kubelet and the scrapes', async () => {
    const service = start({
      counters: (_, atMs) => ({
        'http_requests_total{code="200"}': since(atMs, 1 / 5) + since(atMs, 1 / 2),
        'http_requests_total{code="500"}': since(atMs, 1 / 10),
      }),
      request: share,
    });
    await service.pass(120);
    const { total, bad } = counted(service);
    expect(bad).toBeGreaterThanOrEqual(11);
    expect(total - bad).toBeLessThanOrEqual(1);
  });

  test('leave out probes that a command makes, as those of podinfo', async () => {
    const check = (path: string) => ({
      exec: { command: ['podcli', 'check', 'http', `localhost:9898${path}`] },
      periodSeconds: 10,
    });
    const containers = [
      { name: 'podinfo', readinessProbe: check('/readyz'), livenessProbe: check('/healthz') },
    ];
    const service = start({
      pods: [podRecord('api-1', { containers })],
      // One scrape in two seconds, and each probe in ten.
      counters: (_, atMs) => ({ 'http_requests_total{status="200"}': since(atMs, 0.7, 0) }),
      request: share,
    });
    await service.pass(120);
    expect(service.finding('error share')?.detail).toMatch(
      /^no requests: too few to tell; left out \d+ requests that no user sent \(kubelet, scrapes\)/,
    );
  });

  test('leave out what this verification itself sent', async () => {
    const service = start({
      counters: (_, atMs) => ({ 'http_requests_total{code="200"}': since(atMs, 1, 0) }),
      request: {
        ...share,
        sent: { sentBy: (_, fromMs, toMs) => (toMs - fromMs) / 1000, paths: () => ['/'] },
      },
    });
    await service.pass(60);
    expect(counted(service).total).toBeLessThanOrEqual(2);
  });

  test('leave out what a verification sent that ended when this one began', async () => {
    const service = start({
      pods: [podRecord('api-1', { startedMs: beganMs - 600_000, readyMs: beganMs - 600_000 })],
      // Both send two requests in a second, and nobody else does.
      counters: (_, atMs) => ({
        'http_requests_total{code="200"}': Math.max(0, (atMs - beganMs) / 500 + 400),
      }),
      everyMs: 15_000,
      request: {
        ...share,
        sent: {
          sentBy: (_, fromMs, toMs) =>
            Math.max(0, Math.max(toMs, beganMs) - Math.max(fromMs, beganMs)) / 500,
          paths: () => ['/'],
        },
      },
    });
    for (let second = -60; second < 0; second += 15)
      service.world.scrape(
        beganMs + (second + 7) * 1000,
        { job: 'pods', namespace: 'shop', pod: 'api-1', instance: '10.0.0.7:8080' },
        { up: 1, 'http_requests_total{code="200"}': (second + 7) * 2 + 400 },
      );
    await service.pass(60);
    expect(service.finding('error share')?.detail).toMatch(/^no requests: too few to tell/);
  });

  test('keep the users of a route that this verification asks as well', async () => {
    const service = start({
      counters: (_, atMs) => ({
        'http_requests_total{code="200",route="/orders/{id}"}': since(atMs, 3, 0),
      }),
      request: {
        ...share,
        sent: {
          sentBy: (_, fromMs, toMs) => (Math.max(fromMs, toMs) - Math.max(fromMs, beganMs)) / 1000,
          paths: () => ['/orders/7'],
        },
      },
    });
    await service.pass(60);
    const { total } = counted(service);
    expect(total).toBeGreaterThan(100);
    expect(total).toBeLessThan(125);
  });

  test('are all of them when the service does not count probes', async () => {
    const service = start({
      counters: (_, atMs) => ({
        'http_requests_total{code="200"}': Math.floor(Math.max(0, secondsOf(atMs)) / 40) * 12,
      }),
      request: share,
    });
    await service.pass(125);
    expect(counted(service).total).toBe(36);
  });

  test('leave out the routes of probes by their name, and nothing else', async () => {
    const service = start({
      counters: (_, atMs) => ({
        'http_requests_total{code="200",handler="/readyz"}': since(atMs, 1),
        'http_requests_total{code="200",handler="/metrics"}': since(atMs, 1 / 2),
        'http_requests_total{code="200",handler="/orders"}': since(atMs, 1 / 2),
      }),
      request: share,
    });
    await service.pass(60);
    const { total, units } = counted(service);
    expect(total).toBeGreaterThanOrEqual(30);
    expect(total).toBeLessThanOrEqual(32);
    expect(units.every(({ route }) => route === '/orders')).toBe(true);
  });

  test('begin when the pod is ready: what its own probes got before is nobody’s failure', async () => {
    const readyMs = beganMs + 10_000;
    const service = start({
      pods: [podRecord('api-1', { readyMs })],
      counters: (_, atMs) => ({
        'http_requests_total{code="503"}': Math.min(since(atMs, 1), 15),
        'http_requests_total{code="200"}': since(atMs, 10, 10),
      }),
      request: share,
    });
    await service.pass(40);
    expect(counted(service)).toMatchObject({ bad: 0 });
    expect(counted(service).total).toBeGreaterThan(200);
  });

  test('are counted once, however many scrape jobs know the pod', async () => {
    const target = { namespace: 'shop', pod: 'api-1', instance: '10.0.0.7:8080' };
    const service = start({
      targets: () => ['a', 'b', 'c', 'd'].map((job) => ({ ...target, job })),
      counters: (_, atMs) => ({
        'http_requests_total{code="200",path="/x"}': since(atMs, 5),
      }),
      request: share,
    });
    await service.pass(31);
    const { total } = counted(service);
    expect(total).toBeGreaterThan(140);
    expect(total).toBeLessThan(200);
    expect(service.log.text()).toContain(
      '4 series sets know pod/api-1; it is counted once, by job="a"',
    );
  });

  test('are counted once when a second Prometheus sends the same', async () => {
    const target = { job: 'pods', namespace: 'shop', pod: 'api-1', instance: '10.0.0.7:8080' };
    const service = start({
      targets: () => ['0', '1'].map((prometheus_replica) => ({ ...target, prometheus_replica })),
      counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 5) }),
      request: share,
    });
    await service.pass(31);
    expect(counted(service).total).toBeLessThan(200);
  });

  test('come with times of the runner’s clock when Prometheus’s is 90 s ahead', async () => {
    const service = start({
      aheadMs: 90_000,
      pods: [podRecord('api-1', { readyMs: beganMs + 88_000, startedMs: beganMs - 5_000 })],
      counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 5) }),
      request: share,
    });
    await service.pass(30);
    const last = counted(service).units.at(-1);
    expect(Math.abs((last?.atMs ?? 0) - service.clock.now())).toBeLessThan(3_000);
    expect(service.finding('up')).toMatchObject({ state: 'good' });
  });

  test('go on to be counted when Prometheus restarts within the soak', async () => {
    let away = false;
    const service = start({
      counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 5) }),
      request: share,
    });
    service.world.intercept(() => (away ? new Response('starting', { status: 503 }) : undefined));
    await service.pass(15);
    away = true;
    await service.pass(10);
    expect(service.finding('error share')).toMatchObject({ state: 'blind', settled: false });
    away = false;
    await service.pass(10);
    expect(service.finding('error share')?.state).toBe('good');
    expect(counted(service).total).toBeGreaterThan(160);
  });

  test('name the codes that count as failed: one route answers nothing but 404', async () => {
    const counters = (_: string, atMs: number) => ({
      'http_requests_total{code="404",path="/orders"}': since(atMs, 5),
      'http_requests_total{code="200",path="/items"}': since(atMs, 5),
    });
    const usual = start({ counters, request: share });
    const strict = start({
      counters,
      request: { errorShare: { ...errorShare, badCodes: ['5xx', '404'] } },
    });
    await usual.pass(31);
    await strict.pass(31);
    expect(usual.finding('error share')).toMatchObject({ state: 'good' });
    expect(usual.finding('client errors')?.detail).toContain('/orders (1');
    expect(strict.finding('error share')).toMatchObject({ state: 'bad' });
  });
});

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
