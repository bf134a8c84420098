import { afterEach, describe, expect, test } from '@jest/globals';
import type { RolloutTruth } from '@slipway/rollout';
import type { Clock } from '@slipway/runtime';
import { pacedClock } from '@slipway/testing';
import { parseTraffic, type Finding, type TrafficPlan } from '../../src/index.ts';
import { createTrafficCheck } from '../../src/observe/index.ts';
import { serveHttp, type PodServer } from '../probe/pod-servers.ts';
import { container, probedPods, readyPod, type ProbedPods } from '../probe/probed-pods.ts';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const app = container('app', { ports: [{ containerPort: 8080 }] });

/** Pods of these names, each with a server of its own. */
async function podsWith(servers: Readonly<Record<string, PodServer>>): Promise<ProbedPods> {
  open.push(...Object.values(servers));
  const probed = await probedPods(Object.keys(servers).map((name) => readyPod([app], {}, name)));
  open.push(probed);
  for (const [name, { port }] of Object.entries(servers)) probed.expose(name, 8080, port);
  return probed;
}

/** Sends traffic to all of `names` until the finding is `enough`: failures must last some seconds to count. */
async function sendTraffic(
  { server, sent }: ProbedPods,
  names: readonly string[],
  lines: readonly string[],
  {
    more = {},
    clock = pacedClock(5),
    about = 'traffic',
    enough = ({ state }: Finding) => state === 'good' || state === 'bad',
  }: {
    more?: Partial<TrafficPlan>;
    clock?: Clock;
    about?: string;
    enough?: (finding: Finding) => boolean;
  } = {},
): Promise<{ finding: Finding; evidence: string }> {
  const present = names.map((name) => ({ pod: readyPod([app], {}, name), ready: true }));
  const plan = {
    requests: lines.map(parseTraffic),
    perSecond: 10,
    port: undefined,
    scheme: undefined,
    timeoutMs: 10_000,
    limit: 0.1,
    namespace: 'shop',
    ...more,
  };
  const check = createTrafficCheck(
    { client: server.client(), clock, sent },
    plan,
    { truth: () => ({ present }) as unknown as RolloutTruth, workload: () => undefined },
    () => undefined,
  );
  const stop = new AbortController();
  const beganMs = clock.now();
  const running = check.run(stop.signal);
  const now = (): Finding => {
    const nowMs = clock.now();
    const time = { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs: 60_000 };
    const finding = check.findings(time).find((one) => one.check === about);
    if (finding === undefined) throw new Error('no finding');
    return finding;
  };
  while (!enough(now()) && clock.now() - beganMs < 75_000) await clock.sleep(100);
  const finding = now();
  const evidence = JSON.stringify(check.evidence());
  stop.abort();
  await running;
  return { finding, evidence };
}

const well = () => serveHttp((_, response) => response.end('ok'));

describe('requests of our own', () => {
  test('prove a service well that nobody uses, as they are, and say how fast it was', async () => {
    const server = await serveHttp((request, response) =>
      response.writeHead(request.headers['x-tenant'] === 'acme' ? 200 : 400).end(),
    );
    const pods = await podsWith({ 'api-1': server });
    const lines = ['/orders | X-Tenant: acme', '/health | X-Tenant: acme | Host: shop.example'];
    const { finding, evidence } = await sendTraffic(pods, ['api-1'], lines);
    expect(finding).toMatchObject({
      check: 'traffic',
      state: 'good',
      detail: expect.stringMatching(/^0 of \d+ requests of our own failed, 0 %.* 99 % in \d+ ms$/),
    });
    expect(server.asked.some((one) => one === 'GET /health shop.example')).toBe(true);
    expect(evidence).not.toContain('acme');
  });

  test('that fail call a release bad, and name the pod and the request', async () => {
    const server = await serveHttp((_, response) => response.writeHead(500).end());
    const pods = await podsWith({ 'api-1': server });
    const { finding } = await sendTraffic(pods, ['api-1'], ['/orders']);
    expect(finding).toMatchObject({
      state: 'bad',
      detail: expect.stringContaining('last: pod/api-1, GET /orders: status 500'),
    });
  });

  test('are as they should be by the statuses that are named', async () => {
    const server = await serveHttp((_, response) => response.writeHead(404).end());
    const pods = await podsWith({ 'api-1': server });
    const { finding } = await sendTraffic(pods, ['api-1'], ['/orders/0 => 404']);
    expect(finding.state).toBe('good');
  });

  test('go to every pod, no faster than they may, and are counted by pod', async () => {
    const servers = { a: await well(), b: await well() };
    const pods = await podsWith(servers);
    const clock = pacedClock(5);
    const fromMs = clock.now();
    await sendTraffic(pods, ['a', 'b'], ['/'], {
      more: { perSecond: 5 },
      clock,
      enough: () => Object.values(servers).every(({ asked }) => asked.length >= 6),
    });
    const mostSent = 5 * ((clock.now() - fromMs) / 1_000) + 1;
    for (const [name, { asked }] of Object.entries(servers)) {
      expect(asked.length).toBeGreaterThanOrEqual(6);
      // Those on their way at the end are counted, and may never have come.
      const counted = pods.sent.sentBy(name, fromMs - 1, Infinity);
      expect(counted).toBeGreaterThanOrEqual(asked.length);
      expect(counted).toBeLessThanOrEqual(mostSent);
    }
  });

  test('to a pod that is out of reach say nothing about the release', async () => {
    const pods = await podsWith({ 'api-1': await well() });
    pods.expose('api-1', 8080, 1);
    const { finding } = await sendTraffic(pods, ['api-1'], ['/'], {
      enough: ({ state }) => state !== 'open',
    });
    expect(finding).toMatchObject({ state: 'blind', settled: false });
  });

  test.each([
    ['quick', 0, 'good', /^p50 < 2s: of our own, slower than 2 s were 0 of \d+ requests/],
    ['slow', 5_000, 'bad', /^p50 < 2s: of our own, slower than 2 s were \d+ of \d+ requests/],
  ])('that are %s say so of the release, by counts', async (_, delayMs, state, detail) => {
    const clock = pacedClock(5);
    const server = await serveHttp((_request, response) => {
      clock.after(delayMs, () => response.end('ok'));
    });
    const pods = await podsWith({ 'api-1': server });
    const { finding } = await sendTraffic(pods, ['api-1'], ['/'], {
      more: { maxLatency: { share: 0.5, limitSeconds: 2, text: 'p50 < 2s' } },
      clock,
      about: 'traffic latency',
    });
    expect(finding).toMatchObject({ state, detail: expect.stringMatching(detail) });
  });

  test('without the right to port-forward go through the proxy, but not with a Host of their own', async () => {
    const server = await well();
    const pods = await podsWith({ 'api-1': server });
    pods.api.forbid('create', 'pods/portforward');
    expect((await sendTraffic(pods, ['api-1'], ['/'])).finding.state).toBe('good');
    expect(pods.server.taken.portforward).toBe(0);
    const { finding } = await sendTraffic(pods, ['api-1'], ['/ | Host: shop.example'], {
      enough: ({ state }) => state !== 'open',
    });
    expect(finding).toMatchObject({
      state: 'blind',
      final: true,
      detail: expect.stringContaining('get and create pods/portforward'),
    });
  });
});
