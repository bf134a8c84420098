import { describe, expect, test } from '@jest/globals';
import { withoutOwn } from '../../src/observe/metrics/counting/left-out.ts';
import {
  commandPath,
  isCollapsedRoute,
  isOwnRoute,
  isSamePath,
} from '../../src/observe/metrics/counting/own-requests.ts';
import type { OwnRequests } from '../../src/observe/metrics/counting/own-requests.ts';

const every = (
  periodMs: number,
  path: string,
  who: OwnRequests['who'] = 'kubelet',
): OwnRequests => ({
  ...{ who, path },
  count: (fromMs, toMs) => (toMs - fromMs) / periodMs,
});
/** Scrapes every two seconds of counters that grow by `growth` each. */
const stretches = (growth: (index: number) => number, scrapes = 100, bad = 0) =>
  Array.from({ length: scrapes }, (_, index) => ({
    ...{ fromMs: index * 2_000, atMs: (index + 1) * 2_000, total: growth(index), bad },
  }));
const left = (own: readonly OwnRequests[], growth: (index: number) => number) =>
  withoutOwn(stretches(growth), own).stretches.reduce((sum, { total }) => sum + total, 0);
const probes = [
  every(2_000, '/readyz'),
  every(10_000, '/healthz'),
  every(2_000, '/metrics', 'scrapes'),
];

describe('what is left of a counter that does not say who asked', () => {
  test('is nothing when nobody but the kubelet and the scrapes asked', () => {
    expect(left(probes, (index) => 2 + (index % 5 === 0 ? 1 : 0))).toBe(0);
  });

  test('is nothing when it counts only one of their paths', () => {
    expect(left(probes, () => 1)).toBe(0);
    expect(left(probes, (index) => (index % 5 === 0 ? 1 : 0))).toBe(0);
  });

  test('is nothing when a tick now and then falls on the other side of a scrape, or is late', () => {
    expect(left(probes, (index) => [1, 3, 2, 2, 3][index % 5] ?? 0)).toBeLessThanOrEqual(1);
  });

  test('is all of it when the counter stood still while they asked: it does not count them', () => {
    expect(left(probes, (index) => (index % 20 === 0 ? 24 : 0))).toBe(120);
  });

  test('is what others asked besides', () => {
    const all = left(probes, (index) => 2 + (index % 5 === 0 ? 1 : 0) + 20);
    expect(all).toBeGreaterThan(1_980);
    expect(all).toBeLessThanOrEqual(2_000);
  });

  test('keeps every failed request: probes of a pod that serves succeed', () => {
    const rest = withoutOwn(
      stretches(() => 3, 100, 1),
      probes,
    );
    expect(rest.stretches.every(({ bad, total }) => bad === 1 && total >= 1)).toBe(true);
  });
});

describe('what a verification before this one sent', () => {
  /** This one began at second 9 and sends two requests in a second, as the one before did. */
  const beganMs = 9_000;
  const sending = (fromMs: number, toMs: number): number =>
    (Math.max(0, toMs - Math.max(fromMs, beganMs)) * 2) / 1_000;
  const ours: OwnRequests = {
    ...{ who: 'this verification', path: '/', count: sending },
    before: (fromMs, toMs) => (Math.max(0, Math.min(toMs, beganMs) - fromMs) * 2) / 1_000,
  };
  const scrapedAt = (seconds: readonly number[], total: number, bad: number) =>
    seconds.slice(1).map((second, index) => {
      const fromMs = (seconds[index] ?? 0) * 1_000;
      return { fromMs, atMs: second * 1_000, total, bad };
    });
  const totals = (of: ReturnType<typeof scrapedAt>) =>
    withoutOwn(of, [ours]).stretches.map(({ total }) => total);

  test('in the scrape in which this one began is taken for nobody’s', () => {
    expect(totals(scrapedAt([0, 15, 30, 45], 30, 0))).toEqual([0, 0, 0]);
  });

  test('leaves what users sent then, and every failure', () => {
    const [first = 0, ...others] = totals(scrapedAt([0, 15, 30, 45], 130, 2));
    expect(first).toBeGreaterThanOrEqual(97);
    expect(first).toBeLessThanOrEqual(100);
    expect(others).toEqual([100, 100]);
    expect(totals(scrapedAt([0, 15, 30], 30, 30))).toEqual([30, 30]);
  });

  test('in scrapes that were over before stays: they cannot speak for the release', () => {
    expect(totals(scrapedAt([0, 4, 8, 12], 40, 0)).slice(0, 2)).toEqual([38, 40]);
  });
});

describe('the command of a probe', () => {
  test.each<[string, string | undefined]>([
    ['podcli check http localhost:9898/healthz', '/healthz'],
    ['curl -fsS http://127.0.0.1:8080/internal/ready?full=1', '/internal/ready?full=1'],
    ["sh -c wget -q -O- 'http://[::1]:80/ping' || exit 1", '/ping'],
    ['grpc_health_probe -addr=:9000', 'grpc_health_probe -addr=:9000'],
    ['cat /tmp/ready', undefined],
    ['pg_isready -U app', undefined],
    ['', undefined],
  ])('%j asks for %j', (command, path) => {
    expect(commandPath(command.split(' '))).toBe(path);
  });
});

describe('a route', () => {
  const own = [
    { who: 'kubelet', path: '/internal/ready?x=1' },
    { who: 'scrapes', path: '/metrics' },
    { who: 'this verification', path: '/orders' },
  ] as const;
  test.each<[string, boolean]>([
    ['/internal/ready', true],
    ['GET /internal/ready/', true],
    ['internal/ready', true],
    ['/metrics', true],
    ['healthz', true],
    ['grpc.health.v1.Health', true],
    ['/orders', false],
    ['/health/records', false],
    ['', false],
    ['/internal/{name}', false],
  ])('%j is nobody’s who uses the service: %s', (route, expected) => {
    expect(isOwnRoute(route, own)).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['/orders/{id}', '/orders/7?x=1', true],
    ['GET /orders/:id', '/orders/7', true],
    ['/orders', '/orders/', true],
    ['/orders/{id}', '/orders', false],
    ['', '/', false],
  ])('%j names the path %j: %s', (route, path, expected) => {
    expect(isSamePath(route, path)).toBe(expected);
  });

  test('that stands for all others may hold probes', () => {
    expect(['', '/', '/*', 'other', '/orders'].map(isCollapsedRoute)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});
