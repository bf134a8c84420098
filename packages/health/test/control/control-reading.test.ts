import { afterEach, describe, expect, test } from '@jest/globals';
import type { PodRecord } from '@slipway/rollout';
import { metricFindings } from '../../src/findings/index.ts';
import { parseMaxLatency } from '../../src/judge/max-latency.ts';
import { unpackEvidence, type PackedEvidence } from '../../src/observe/metrics/index.ts';
import { beganMs, errorShare, podRecord, scrapedService } from '../metrics/scraped-service.ts';

const services: ReturnType<typeof scrapedService>[] = [];
const start = (options: Parameters<typeof scrapedService>[0]) => {
  const service = scrapedService(options);
  services.push(service);
  return service;
};
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

const counter = (code: string): string => `http_requests_total{code="${code}",path="/x"}`;
/** Requests of a pod that has served for ten minutes, 20 in a second, of which some fail since second 4. */
const serving = (failing: (pod: string) => number) => (pod: string, atMs: number) => {
  const seconds = (atMs - beganMs) / 1000;
  const failed = Math.max(0, seconds - 4) * 20 * failing(pod);
  return {
    [counter('200')]: Math.round(20 * (seconds + 600) - failed),
    [counter('500')]: Math.round(failed),
  };
};

const longAgo = { startedMs: beganMs - 600_000, readyMs: beganMs - 600_000 };
const old = (name: string): PodRecord => podRecord(name, { ...longAgo, ip: '10.0.0.8' });
const isOld = (pod: string): boolean => pod.startsWith('old-');
const share = { request: { errorShare } };

describe('old pods that serve beside the new ones', () => {
  test('and fail as well keep the release from being blamed', async () => {
    const service = start({ old: [old('old-1')], counters: serving(() => 0.5), ...share });
    await service.pass(40);
    expect(service.finding('error share')).toMatchObject({
      state: 'open',
      detail: expect.stringMatching(
        /old pods fail as much \(5\d % against 5\d %\) in the same minutes: not blamed on the release/,
      ),
    });
  });

  test('and serve well leave it to be called as soon as without them', async () => {
    const counters = serving((pod) => (isOld(pod) ? 0 : 0.5));
    const alone = start({ counters, ...share });
    const beside = start({ old: [old('old-1')], counters, ...share });
    for (let second = 0; second < 20; second += 1) {
      await alone.pass(1);
      await beside.pass(1);
      expect(beside.finding('error share')).toEqual(alone.finding('error share'));
    }
    expect(alone.finding('error share')?.state).toBe('bad');
  });

  test('are no part of the share that is judged, nor of up', async () => {
    const service = start({
      old: [old('old-1')],
      counters: serving((pod) => (isOld(pod) ? 1 : 0)),
      ...share,
    });
    await service.pass(40);
    expect(service.finding('error share')).toMatchObject({
      state: 'good',
      detail: expect.stringMatching(/^0 of \d+ requests/),
    });
    expect(service.finding('up')?.detail).not.toContain('old-1');
  });

  test('say nothing by what they answer after they were told to leave', async () => {
    const pods = [old('old-1')];
    const counters = serving(() => 0.5);
    const service = start({ old: pods, counters, ...share });
    pods[0] = { ...old('old-1'), leaving: true };
    await service.pass(40);
    expect(service.finding('error share')?.state).toBe('bad');
  });

  test('are asked about no longer than a minute after they are gone', async () => {
    const pods = [old('old-1')];
    const service = start({ old: pods, counters: serving(() => 0), ...share });
    await service.pass(20);
    pods[0] = { ...old('old-1'), leaving: true, gone: true };
    const asked = (): number =>
      service.world.requests.filter(
        ({ parameters }) => parameters.get('query')?.includes('old-1') === true,
      ).length;
    await service.pass(62);
    const before = asked();
    expect(before).toBeGreaterThan(10);
    await service.pass(30);
    expect(asked()).toBe(before);
  });

  test('that cannot be read are an excuse that is missing, and no outage', async () => {
    const service = start({ old: [old('old-1')], counters: serving(() => 0), ...share });
    service.world.intercept(({ parameters }) => {
      const query = parameters.get('query') ?? '';
      return query.startsWith('http_requests_total') && query.includes('old-1')
        ? new Response('no', { status: 503 })
        : undefined;
    });
    await service.pass(40);
    expect(service.finding('error share')).toMatchObject({ state: 'good' });
  });

  test('are compared by their latency too', async () => {
    const counters = (_: string, atMs: number) => {
      const seconds = (atMs - beganMs) / 1000;
      const slow = Math.round(Math.max(0, seconds - 4) * 10);
      const all = Math.round(20 * (seconds + 600));
      return Object.fromEntries(
        ['0.1', '0.2', '+Inf'].map((le) => [
          `http_request_duration_seconds_bucket{le="${le}",path="/x"}`,
          le === '+Inf' ? all : all - slow,
        ]),
      );
    };
    const request = { maxLatency: parseMaxLatency('p90 < 200ms') };
    const alone = start({ counters, request });
    const beside = start({ old: [old('old-1')], counters, request });
    await alone.pass(40);
    await beside.pass(40);
    expect(alone.finding('latency')?.state).toBe('bad');
    expect(beside.finding('latency')).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('old pods fail as much'),
    });
  });
});

describe('old pods that were gone before the verification began', () => {
  const target = { job: 'pods', namespace: 'shop', pod: 'api-r1-x7k2p', node: 'node-b' };
  const isSick = (pod: string): number => (pod.startsWith('api-r1') ? 0 : 0.5);
  /** Scrapes of one of them in its last minute. */
  const remembered = (failing: number, options: { earlierSets?: readonly string[] }) => {
    const service = start({ counters: serving(isSick), ...share, ...options });
    for (let second = -60; second <= -2; second += 2)
      service.world.scrape(beganMs + second * 1000, target, {
        up: 1,
        [counter('200')]: 20 * (second + 100) * (1 - failing),
        [counter('500')]: 20 * (second + 100) * failing,
      });
    return service;
  };

  test('count by their last minute, found by the names of their replica sets', async () => {
    const service = remembered(0.5, { earlierSets: ['api-r0', 'api-r1'] });
    await service.pass(40);
    expect(service.finding('error share')).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('old pods failed as much (50 % against 50 %) in their last'),
    });
  });

  test('excuse nothing when they served well, or are of other sets', async () => {
    for (const service of [
      remembered(0, { earlierSets: ['api-r1'] }),
      remembered(0.5, { earlierSets: ['api-r0'] }),
      remembered(0.5, {}),
    ]) {
      await service.pass(40);
      expect(service.finding('error share')?.state).toBe('bad');
    }
  });
});

test('a new pod of a stateful set is no old one, although it has the name of one', async () => {
  const olds = [old('api-0')];
  const isFailing = (pod: string, atMs: number): number =>
    pod === 'api-1' || atMs > beganMs + 20_000 ? 0.5 : 0;
  const service = start({
    kind: 'statefulset',
    pods: [podRecord('api-1')],
    old: olds,
    counters: (pod, atMs) => serving((name) => isFailing(name, atMs))(pod, atMs),
    ...share,
  });
  await service.pass(2);
  olds[0] = { ...old('api-0'), leaving: true, gone: true, ready: false };
  service.replace([podRecord('api-1'), podRecord('api-0')]);
  await service.pass(38);
  expect(service.finding('error share')).toMatchObject({ state: 'bad' });
});

describe.each([
  ['a stateful set', { kind: 'statefulset', name: 'api-0' }],
  ['a daemon set', { kind: 'daemonset', name: 'api-x7k2p' }],
])('old pods of %s that were gone before the verification began', (_, { kind, name }) => {
  const targetAt = (ip: string) => ({
    ...{ job: 'pods', namespace: 'shop', pod: name, instance: `${ip}:8080`, node: 'node-b' },
  });
  /** Scrapes of a pod that ended just before the verification, from `fromSecond` on; half of them fail. */
  const remembered = (options: {
    fromSecond: number;
    revisionSecond?: number;
    isThere?: boolean;
  }) => {
    const { fromSecond, revisionSecond = -30, isThere = false } = options;
    const pod = kind === 'statefulset' ? 'api-0' : 'api-1';
    const service = start({
      counters: serving(() => 0.5),
      ...share,
      ...{ kind, revisionBeganMs: beganMs + revisionSecond * 1000, pods: [podRecord(pod)] },
    });
    for (let second = fromSecond; second <= -2; second += 2)
      service.world.scrape(beganMs + second * 1000, targetAt('10.0.0.8'), {
        up: second === -2 && !isThere ? NaN : 1,
        [counter('200')]: 10 * (second + 200),
        [counter('500')]: 10 * (second + 200),
      });
    return service;
  };

  test('count by their last minute: their targets were up before the revision was made', async () => {
    const service = remembered({ fromSecond: -90 });
    await service.pass(40);
    expect(service.finding('error share')).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('old pods failed as much (50 % against 50 %) in their last'),
    });
  });

  test('excuse nothing when they are of the same revision, or still there', async () => {
    for (const options of [
      { fromSecond: -20 },
      { fromSecond: -90, revisionSecond: -120 },
      { fromSecond: -90, isThere: true },
    ]) {
      const service = remembered(options);
      await service.pass(40);
      expect(service.finding('error share')?.state).toBe('bad');
    }
  });
});

test('what old pods counted is stored, small, and gives the same findings', async () => {
  const nodes = Array.from({ length: 40 }, (_, index) => old(`old-${index}`));
  const service = start({ old: nodes, counters: serving(() => 0.5), ...share });
  await service.pass(60);
  const stored = JSON.stringify(service.check.evidence());
  expect(stored.length).toBeLessThan(10_000);
  const nowMs = service.clock.now();
  const time = { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs: 300_000 };
  const replayed = metricFindings(unpackEvidence(JSON.parse(stored) as PackedEvidence), time);
  expect(replayed).toEqual(service.findings());
  expect(service.finding('error share')?.detail).toContain('not blamed on the release');
});
