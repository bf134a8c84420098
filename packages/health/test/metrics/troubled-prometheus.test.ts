import { expect, test } from '@jest/globals';
import { beganMs } from './scraped-service.ts';
import { counted, scrapedServices, secondsOf, share, since } from './served-metrics.ts';

const start = scrapedServices();

const target = (pod: string) => ({
  ...{ job: 'pods', namespace: 'shop', pod, instance: '10.0.0.7:8080' },
});
const within = (nowMs: number, from: number, until: number): boolean =>
  secondsOf(nowMs) >= from && secondsOf(nowMs) < until;

/** A service of 20 requests a second, whose Prometheus neither scrapes nor answers for some seconds. */
function restartedPrometheus(from: number, until: number, failing: number) {
  const service = start({
    targets: (pod) => (within(service.clock.now(), from, until) ? [] : [target(pod)]),
    counters: (_, atMs) => ({
      'http_requests_total{code="200",path="/x"}': since(atMs, 20 * (1 - failing)),
      'http_requests_total{code="500",path="/x"}': since(atMs, 20 * failing),
    }),
    request: share,
  });
  service.world.intercept(() =>
    within(service.clock.now(), from, until) ? new Response('', { status: 503 }) : undefined,
  );
  return service;
}

test('a Prometheus that is started anew in the soak makes nobody pass meanwhile, and is made up for', async () => {
  const service = restartedPrometheus(10, 22, 0);
  await service.pass(21);
  expect(service.finding('error share')).toMatchObject({ state: 'blind', settled: false });
  await service.pass(12);
  expect(service.finding('up')).toMatchObject({ state: 'good' });
  expect(service.finding('error share')).toMatchObject({ state: 'good' });
  // Nothing is counted twice, and what came while nobody scraped is in the first scrape after.
  expect(counted(service).total).toBeGreaterThan(600);
  expect(counted(service).total).toBeLessThanOrEqual(20 * 38);
});

test('a release that fails is called although its Prometheus was started anew', async () => {
  const service = restartedPrometheus(4, 12, 0.3);
  await service.pass(30);
  expect(service.finding('error share')).toMatchObject({ state: 'bad' });
});

test('a tenant that has none of the pods is told as such, and nothing passes', async () => {
  const service = start({
    targets: (pod) => [{ ...target(pod), pod: `other-${pod}`, instance: '10.9.9.9:8080' }],
    counters: (_, atMs) => ({ 'http_requests_total{code="200",path="/x"}': since(atMs, 20) }),
    request: share,
  });
  await service.pass(60);
  expect(service.finding('up')).toMatchObject({
    state: 'blind',
    detail: expect.stringContaining('Prometheus does not know pod/api-1'),
  });
  expect(service.finding('error share')?.state).not.toBe('good');
  expect(service.clock.now()).toBeGreaterThan(beganMs);
});
