import http from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { createPrometheusClient } from '@slipway/prometheus';
import { fakeLog, listenOnLoopback, pacedClock } from '@slipway/testing';
import { shopCluster } from '../../rollout/test/shop-cluster.ts';
import {
  parseAssertions,
  parseTraffic,
  replay,
  verifyHealth,
  type MaxLatency,
  type TrafficPlan,
  type VerifyRequest,
} from '../src/index.ts';
import { serveHttp } from './probe/pod-servers.ts';
import { prometheusWorld, type PrometheusWorld } from './metrics/prometheus-world.ts';
import { readBack } from './same-by-replay.ts';
import { errorShare } from './metrics/scraped-service.ts';
import { ownProbes, shopPod } from './watched-release.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** How a release behaves whose pod is asked, sent traffic and scraped. */
interface Behaviour {
  /** Statuses of the paths of the pod; 200 by default. */
  status?: (path: string) => number;
  /** Failed ones of a hundred requests of users in a second. */
  failing?: number;
  /** Instead of Prometheus's own answers. */
  prometheus?: (world: PrometheusWorld) => void;
  request?: Partial<VerifyRequest>;
  /** How long the pod takes for an answer to our own requests. */
  delayMs?: number;
  /** Asked of Prometheus, which has no histogram. */
  maxLatency?: MaxLatency;
  assertions?: string;
}

const sent: TrafficPlan = {
  requests: ['/orders', '/me => 401'].map(parseTraffic),
  perSecond: 5,
  port: undefined,
  scheme: undefined,
  timeoutMs: 10_000,
  limit: 0.1,
};
const maxLatency: MaxLatency = { share: 0.5, limitSeconds: 3, text: 'p50 < 3s' };
const timed: TrafficPlan = { ...sent, maxLatency };

/** Verifies a release of one pod with all checks at once: rollout, probes, traffic and metrics. */
async function verify(behaviour: Behaviour) {
  const clock = pacedClock(6);
  const cluster = shopCluster(clock);
  const listening = await listenOnLoopback(cluster.server);
  stops.push(() => listening.close());
  const pod = await serveHttp((request: http.IncomingMessage, response) => {
    const { url = '' } = request;
    const answer = () => response.writeHead(behaviour.status?.(url) ?? 200).end('answer');
    clock.after(url === '/readyz' ? 0 : (behaviour.delayMs ?? 0), answer);
  });
  stops.push(() => pod.close());
  cluster.putDeployment(1, 1);
  const app = {
    name: 'main',
    image: 'api:1',
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/readyz', port: 8080 } },
  };
  const since = new Date(clock.now() - 5_000).toISOString();
  const made = shopPod({ uid: '1', ready: true, since }, { spec: { containers: [app] } });
  cluster.server.put({ ...made, status: { ...(made['status'] as object), podIP: '10.0.0.7' } });
  listening.expose({ namespace: 'shop', pod: 'api-1', port: 8080 }, pod.port);
  const world = prometheusWorld(() => clock.now());
  const target = { job: 'pods', namespace: 'shop', pod: 'api-1', instance: '10.0.0.7:8080' };
  const beganMs = clock.now();
  const scrape = (): void => {
    const served = Math.round((clock.now() - beganMs) / 10);
    const bad = Math.round((served * (behaviour.failing ?? 0)) / 100);
    world.scrape(clock.now(), target, {
      up: 1,
      depth: 3,
      'http_requests_total{code="200",path="/orders"}': served - bad,
      'http_requests_total{code="500",path="/orders"}': bad,
    });
  };
  scrape();
  const scraping = clock.every(1_000, scrape);
  stops.push(() => scraping.stop());
  behaviour.prometheus?.(world);
  const client = createPrometheusClient({
    url: 'http://prometheus:9090',
    auth: { kind: 'none' },
    clock,
    fetch: world.fetch,
  });
  return await verifyHealth(
    { client: listening.client(), clock, log: fakeLog(), signal: new AbortController().signal },
    {
      workload: { kind: 'deployment', name: 'api', namespace: 'shop' },
      images: [],
      probes: ownProbes,
      traffic: sent,
      metrics: {
        client,
        scrapes: true,
        errorShare,
        maxLatency: behaviour.maxLatency,
        assertions: parseAssertions(behaviour.assertions ?? '[]'),
      },
      minSoakMs: 12_000,
      deadlineMs: 45_000,
      intervalMs: 2_000,
      ...behaviour.request,
    },
  );
}

const well = (path: string): number => (path === '/me' ? 401 : 200);
const depth = (must: string): string => `[{name: depth, query: 'depth{$scope}', must: '${must}'}]`;

test.each<[what: string, verdict: string, deciding: string, behaviour: Behaviour]>([
  ['all that is well', 'healthy', 'All of rollout', { status: well, assertions: depth('< 9') }],
  [
    'a probe that fails',
    'unhealthy',
    'probe',
    { status: (path) => (path === '/readyz' ? 503 : well(path)) },
  ],
  [
    'requests of its own that fail',
    'unhealthy',
    'traffic',
    { status: (path) => (path === '/orders' ? 500 : well(path)) },
  ],
  [
    'requests of its own that take too long',
    'unhealthy',
    'traffic latency',
    { status: well, delayMs: 6_000, request: { traffic: timed } },
  ],
  [
    'quick requests of its own where there is no histogram',
    'healthy',
    'traffic latency',
    { status: well, maxLatency, request: { traffic: timed } },
  ],
  ['requests of users that fail', 'unhealthy', 'error share', { status: well, failing: 60 }],
  ['a value that is wrong', 'unhealthy', 'depth', { status: well, assertions: depth('< 2') }],
  [
    'a metric that nobody has',
    'cannot-observe',
    'lag',
    { status: well, assertions: `[{name: lag, query: 'lag{$scope}', must: '< 2'}]` },
  ],
  [
    'a Prometheus that is away',
    'cannot-observe',
    'Prometheus',
    {
      status: well,
      prometheus: (world) =>
        world.intercept(() => new Response('no healthy upstream', { status: 503 })),
    },
  ],
])(
  'of %s the certificate says %s, and so does its replay',
  async (_, verdict, deciding, behaviour) => {
    const result = await verify(behaviour);
    const { predicate } = readBack(result.certificate);
    expect([result.verdict, result.cause]).toEqual([verdict, expect.stringContaining(deciding)]);
    expect(predicate.evidence.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['rollout', 'probes', 'traffic', 'metrics']),
    );
    expect(replay(predicate)).toEqual({ kind: 'same', verdict, cause: result.cause });
  },
);
