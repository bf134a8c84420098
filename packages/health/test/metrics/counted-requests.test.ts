import { describe, expect, test } from '@jest/globals';
import { beganMs, errorShare, podRecord } from './scraped-service.ts';
import { counted, scrapedServices, secondsOf, share, since } from './served-metrics.ts';

const start = scrapedServices();

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
