import { describe, expect, test } from '@jest/globals';
import { fakeLog, steppedClock, type Fault } from '@slipway/testing';
import { api, shopCluster } from '../../rollout/test/shop-cluster.ts';
import { replayRollout, type RolloutEvidence } from '../src/findings/index.ts';
import { parseReleasedImage } from '../src/index.ts';
import { createRolloutCheck } from '../src/observe/rollout-check.ts';
import { ownProbes, shopPod, watchedRelease, type Any } from './watched-release.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const images = [parseReleasedImage(`ghcr.io/acme/api:2@${digest}`)];
const labels = { app: 'api' };
const selector = { matchLabels: labels };

/** The deployment `api` with one replica set for each image so far; the last is the current one. */
function deploymentOf(...of: string[]): Any[] {
  const template = (image: string) => ({
    metadata: { labels },
    spec: { containers: [{ name: 'main', image }] },
  });
  const current = of.at(-1) ?? '';
  return [
    ...of.map((image, index): Any => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `api-r${index}`,
        namespace: 'shop',
        uid: `rs${index}`,
        labels: { ...labels, 'pod-template-hash': `r${index}` },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'd', controller: true },
        ],
      },
      spec: { replicas: 1, selector, template: template(image) },
    })),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace: 'shop', uid: 'd', generation: of.length },
      spec: { replicas: 1, selector, template: template(current) },
      status: {
        observedGeneration: of.length,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
      },
    },
  ];
}

const running = (image: string) => ({ spec: { containers: [{ name: 'main', image }] } });
const old = 'ghcr.io/acme/api:1';
const released = `ghcr.io/acme/api@${digest}`;

describe('a release that somebody else delivers', () => {
  test('is waited for, whatever the pods of before do, and then proven', async () => {
    const { server, begin, pass, ended, clock } = watchedRelease({ images });
    deploymentOf(old).forEach((object) => server.put(object));
    const before = { uid: '1', owner: 'rs0' } as const;
    server.put(shopPod({ ...before, ready: true }, running(old)));
    begin();
    await pass(20);
    const crash = { reason: 'Error', exitCode: 3 };
    server.put(shopPod({ ...before, ready: true, restarts: 5, ended: crash }, running(old)));
    expect(await pass(20)).toBeUndefined();
    deploymentOf(old, released).forEach((object) => server.put(object));
    server.put(shopPod({ uid: '2', owner: 'rs1', ready: true }, running(released)));
    server.remove(shopPod(before));
    const arrivedMs = clock.now();
    expect(await pass(29)).toBeUndefined();
    expect(await pass(5)).toBe('healthy');
    expect((ended.atMs ?? 0) - arrivedMs).toBeGreaterThanOrEqual(30_000);
  });

  test('is not proven when it never comes, and nothing is held against what runs', async () => {
    const { server, begin, pass, ended } = watchedRelease({ images });
    deploymentOf(old).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(old)));
    begin();
    expect(await pass(118)).toBeUndefined();
    expect(await pass(4)).toBe('not-enough-evidence');
    expect(ended.result?.cause).toContain('pod/api-1 runs ghcr.io/acme/api:1');
  });

  test('is known by the digest that a tag was resolved to', async () => {
    const { server, begin, pass } = watchedRelease({ images });
    const tag = 'ghcr.io/acme/api:2';
    deploymentOf(tag).forEach((object) => server.put(object));
    const pod = shopPod(
      { owner: 'rs0', ready: true, imageID: `ghcr.io/acme/api@${digest}` },
      running(tag),
    );
    server.put(pod);
    begin();
    expect(await pass(33)).toBe('healthy');
  });

  test('may not be there at all yet', async () => {
    const { server, begin, pass } = watchedRelease({ images });
    begin();
    expect(await pass(30)).toBeUndefined();
    deploymentOf(released).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    expect(await pass(34)).toBe('healthy');
  });

  test('that crashes once it is there is unhealthy', async () => {
    const { server, begin, pass } = watchedRelease({ images });
    deploymentOf(released).forEach((object) => server.put(object));
    const pod = { owner: 'rs0', ready: true } as const;
    server.put(shopPod(pod, running(released)));
    begin();
    await pass(10);
    const ended = { reason: 'Error', exitCode: 3 };
    server.put(shopPod({ ...pod, restarts: 1, ended }, running(released)));
    expect(await pass(2)).toBe('unhealthy');
  });
});

describe('the Services of a release', () => {
  const service = (name: string, of: object, port: object = { port: 80 }): Any => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: of, ports: [port] },
  });
  const slice = (name: string, uids: readonly string[], more: object = {}): Any => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-x`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': name },
    },
    endpoints: uids.map((uid) => ({
      addresses: ['10.0.0.1'],
      targetRef: { uid },
      conditions: { ready: true },
    })),
    ports: [{ name: '', port: 8080 }],
    ...more,
  });
  const start = (...objects: Any[]) => {
    const release = watchedRelease();
    deploymentOf(released).forEach((object) => release.server.put(object));
    release.server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    objects.forEach((object) => release.server.put(object));
    release.begin();
    return release;
  };

  test.each<[string, Any[], 'good' | undefined]>([
    ['none', [], undefined],
    ['one that sends requests to the pod', [service('api', labels), slice('api', ['1'])], 'good'],
    [
      'one of another workload without pods',
      [service('web', { app: 'web' }), slice('web', [])],
      undefined,
    ],
    [
      'one of its own name with the pods of another workload behind it',
      [service('api', { app: 'api-primary' }), slice('api', ['7'])],
      undefined,
    ],
    [
      'one that Argo Rollouts points at the pods of before',
      [service('api', { app: 'api', 'rollouts-pod-template-hash': 'old' }), slice('api', [])],
      undefined,
    ],
    ['one whose endpoints are written by hand', [service('api', {}), slice('api', [])], undefined],
  ])('are fine with %s', async (_, objects, state) => {
    const { pass, finding } = start(...objects);
    expect(await pass(33)).toBe('healthy');
    expect(finding('serving')?.state).toBe(state);
  });

  test.each<[string, Any[], string]>([
    [
      'leave the pod out',
      [service('api', labels), slice('api', ['9'])],
      'is in none of its EndpointSlices',
    ],
    [
      'hold it for not ready',
      [
        service('api', labels),
        slice('api', [], {
          endpoints: [{ targetRef: { uid: '1' }, conditions: { ready: false } }],
        }),
      ],
      'is there as not ready',
    ],
    [
      'have no endpoints at all',
      [service('api', labels), slice('api', [], { endpoints: null })],
      'is in none of its EndpointSlices',
    ],
    [
      'name a port that no container has',
      [
        service('api', labels, { port: 80, targetPort: 'htttp' }),
        slice('api', ['1'], { ports: null }),
      ],
      'has no port for the target port htttp',
    ],
    [
      'select labels that no pod has',
      [service('api', { app: 'apo' }), slice('api', [])],
      'service/api selects app=apo, which no pod has',
    ],
  ])('keep it from being healthy when they %s', async (_, objects, cause) => {
    const { pass, ended } = start(...objects);
    expect(await pass(40)).toBeUndefined();
    expect(await pass(10)).toBe('unhealthy');
    expect(ended.result?.cause).toContain(cause);
  });

  test('may take a moment to have a new pod, which breaks no soak', async () => {
    const { pass, server } = start(service('api', labels), slice('api', []));
    expect(await pass(8)).toBeUndefined();
    server.put(slice('api', ['1']));
    expect(await pass(25)).toBe('healthy');
  });

  test('are not read where that is forbidden, which is said and holds nothing up', async () => {
    const release = watchedRelease();
    release.server.forbid('list', 'services');
    deploymentOf(released).forEach((object) => release.server.put(object));
    release.server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    release.begin();
    expect(await release.pass(33)).toBe('healthy');
  });
});

describe('the API server', () => {
  test.each<Fault>([
    { kind: 'unauthorized' },
    { kind: 'forbidden' },
    { kind: 'too-many-requests', retryAfterSeconds: 1 },
    { kind: 'unavailable' },
    { kind: 'reset' },
  ])('may answer the first question once with $kind', async (fault) => {
    const { server, begin, pass } = watchedRelease();
    deploymentOf(released).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    server.fault({ verb: 'get', path: /deployments/ }, fault);
    begin();
    expect(await pass(36)).toBe('healthy');
  });

  test('that lets nobody in is told in some seconds', async () => {
    const { server, begin, pass, ended } = watchedRelease();
    server.fault({ verb: 'get', path: /deployments/ }, { kind: 'unauthorized' }, 100);
    begin();
    expect(await pass(8)).toBe('cannot-observe');
    expect(ended.result?.cause).toContain('401');
  });

  test('is asked for what may have been meant by a workload that is not there', async () => {
    const { server, begin, pass, ended } = watchedRelease({
      workload: { kind: 'deployment', name: 'apo', namespace: 'shop' },
    });
    deploymentOf(released).forEach((object) => server.put(object));
    const [set] = deploymentOf(released).slice(-1);
    server.put({
      ...set,
      kind: 'StatefulSet',
      metadata: { name: 'apo', namespace: 'shop', uid: 's' },
    });
    begin();
    expect(await pass(2)).toBe('cannot-observe');
    expect(ended.result?.next).toContain('there is statefulset/apo, deployment/api.');
  });

  test('that is away for longer than a while is told, and a crash that the watch saw stays bad', async () => {
    const { server, begin, pass } = watchedRelease();
    deploymentOf(released).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    begin();
    await pass(10);
    server.fault({ verb: 'get', path: /deployments/ }, { kind: 'unavailable' }, 100);
    await pass(8);
    const ended = { reason: 'Error', exitCode: 3 };
    server.put(shopPod({ owner: 'rs0', ready: true, restarts: 1, ended }, running(released)));
    expect(await pass(3)).toBe('unhealthy');
  });
});

describe('the evidence', () => {
  test('of 50 pods that come and go says the same again when it is read as JSON', async () => {
    const clock = steppedClock();
    const { server, putPod, putDeployment } = shopCluster(clock);
    putDeployment(50, 50);
    const uids = Array.from({ length: 50 }, (_, index) => String(index));
    uids.forEach((uid) => putPod({ uid, ready: true }));
    const ports = {
      client: server.client(),
      clock,
      log: fakeLog(),
      signal: new AbortController().signal,
    };
    const request = {
      workload: api,
      images: [],
      minSoakMs: 30_000,
      intervalMs: 2_000,
      deadlineMs: 120_000,
    };
    const check = createRolloutCheck(ports, request, () => undefined);
    const stop = new AbortController();
    const run = check.run(stop.signal);
    await clock.advance(5_000);
    for (let round = 1; round <= 20; round += 1) {
      uids.forEach((uid) => putPod({ uid, ready: round % 2 === 0, since: String(round) }));
      await clock.advance(2_000);
    }
    const time = { nowMs: clock.now(), beganMs: 0, elapsedMs: 60_000, deadlineMs: 120_000 };
    const kept = JSON.stringify(check.evidence());
    expect(replayRollout(JSON.parse(kept) as RolloutEvidence, time)).toEqual(check.findings(time));
    stop.abort();
    await clock.advance(5_000);
    await run;
  });
});

describe('a job that is cancelled', () => {
  test.each([0, 1, 40, 500, 2_000, 2_050, 30_040])(
    'ends at %i ms, at once and without a request that goes on',
    async (ms) => {
      const { server, begin, job, ended, clock } = watchedRelease({ probes: ownProbes });
      deploymentOf(released).forEach((object) => server.put(object));
      server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
      begin();
      await clock.advance(ms);
      if (ended.result !== undefined) return;
      const cancelledMs = clock.now();
      job.abort(new Error('the job was cancelled'));
      await clock.advance(1_900);
      expect(ended.error).toMatchObject({ message: 'the job was cancelled' });
      expect((ended.atMs ?? Infinity) - cancelledMs).toBeLessThan(1_900);
      expect(server.openWatches()).toBe(0);
    },
  );
});
