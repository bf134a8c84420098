import { afterEach, expect, test } from '@jest/globals';
import { readWorkload } from '@slipway/kube';
import { createPrometheusClient } from '@slipway/prometheus';
import { podOf } from '../../../rollout/test/recorded.ts';
import { api } from '../../../rollout/test/shop-cluster.ts';
import {
  maxCertificateBytes,
  replay,
  statementText,
  type HealthStatement,
} from '../../src/index.ts';
import { prometheusWorld } from '../metrics/prometheus-world.ts';
import { errorShare } from '../metrics/scraped-service.ts';
import { shopPod, watchedRelease } from '../watched-release.ts';

const jobs: AbortController[] = [];
afterEach(() => {
  for (const job of jobs.splice(0)) job.abort();
});

/** The share of failed requests of a pod at a second of the verification. */
type Failing = (pod: string, second: number) => number;

/**
 * A deployment with two new pods beside two of the earlier replica set, all of which are scraped every 2 s
 * and get 20 requests in a second.
 */
function start(failing: Failing) {
  let world = prometheusWorld(() => 0);
  const played = watchedRelease((clock) => {
    world = prometheusWorld(() => clock.now());
    const client = createPrometheusClient({
      ...{ url: 'http://prometheus', auth: { kind: 'none' } as const },
      ...{ clock, fetch: (to: string | URL, init?: RequestInit) => world.fetch(to, init) },
    });
    return { metrics: { client, scrapes: true, errorShare, assertions: [] } };
  });
  const { clock, server, job } = played;
  jobs.push(job);
  played.putDeployment(2, 2);
  server.put({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...{ name: 'api-r0', namespace: 'shop', uid: 'rs-old', labels: { app: 'api' } },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'd', controller: true },
      ],
    },
    spec: { replicas: 0, template: { spec: { containers: [{ name: 'main', image: 'api:0' }] } } },
  } as never);
  const since = new Date(clock.now()).toISOString();
  const names = ['1', '2', 'old-1', 'old-2'];
  for (const [index, uid] of names.entries()) {
    const shape = { uid, ready: true, since, owner: uid.startsWith('old') ? 'rs-old' : 'rs' };
    const pod = shopPod(shape, { spec: { nodeName: `node-${index % 2}` } });
    server.put({ ...pod, status: { ...podOf(shape).status, podIP: `10.0.0.${index + 1}` } });
  }
  const counts = new Map<string, { good: number; bad: number }>();
  const beganMs = clock.now();
  clock.every(2_000, () => {
    for (const uid of names) {
      const pod = `api-${uid}`;
      const { good, bad } = counts.get(pod) ?? { good: 1_000, bad: 0 };
      const failed = Math.round(40 * failing(pod, (clock.now() - beganMs) / 1000));
      counts.set(pod, { good: good + 40 - failed, bad: bad + failed });
      world.scrape(
        clock.now(),
        { namespace: 'shop', pod, job: 'pods' },
        {
          up: 1,
          'http_requests_total{code="200",path="/x"}': good,
          'http_requests_total{code="500",path="/x"}': bad,
        },
      );
    }
  });
  return played;
}

const sick = (second: number): number => (second > 10 ? 0.4 : 0);

test('a database that is sick for old and new pods is not blamed on the release, which does not pass', async () => {
  const { begin, pass, ended } = start((_, second) => sick(second));
  begin();
  expect(await pass(119)).toBeUndefined();
  expect(await pass(3)).toBe('not-enough-evidence');
  expect(ended.result?.cause).toMatch(
    /^error share: .* old pods fail as much \(\d+ % against \d+ %\) in the same minutes: not blamed on the release/,
  );
  const { cause, certificate } = ended.result ?? {};
  if (certificate === undefined) throw new Error('There is no certificate.');
  const text = statementText(certificate);
  expect(Buffer.byteLength(text)).toBeLessThan(maxCertificateBytes);
  const again = replay((JSON.parse(text) as HealthStatement).predicate);
  expect(again).toEqual({ kind: 'same', verdict: 'not-enough-evidence', cause });
});

test('a release that fails while old pods serve is called as bad at once', async () => {
  const { begin, pass, ended } = start((pod, second) => (pod.includes('old') ? 0 : sick(second)));
  begin();
  expect(await pass(24)).toBe('unhealthy');
  expect(ended.result?.cause).toMatch(/^error share: \d+ of \d+ requests/);
});

test('the replica sets of earlier revisions are known by name, by which their pods are found', async () => {
  const { server } = start(() => 0);
  expect((await readWorkload(server.client(), api)).earlierSets).toEqual(['api-r0']);
});

test('a release passes whose pods serve while old ones fail', async () => {
  const { begin, pass } = start((pod) => (pod.includes('old') ? 0.5 : 0));
  begin();
  expect(await pass(40)).toBe('healthy');
});
