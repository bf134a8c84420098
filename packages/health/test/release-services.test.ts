import { describe, expect, test } from '@jest/globals';
import type { Fault } from '@slipway/testing';
import { shopPod, watchedRelease, type Any } from './watched-release.ts';
import { labels, deploymentOf, running, released } from './arriving-release.ts';

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

  const slices = /\/endpointslices$/;

  test('are watched: a pod that they lose is known at once, and they are seldom listed', async () => {
    const { server, pass, ended } = start(service('api', labels), slice('api', ['1']));
    await pass(10);
    server.put(slice('api', ['9']));
    expect(await pass(44)).toBeUndefined();
    expect(await pass(3)).toBe('unhealthy');
    expect(ended.result?.cause).toContain('is in none of its EndpointSlices');
    expect(server.count({ verb: 'list', path: slices })).toBeLessThanOrEqual(6);
    expect(server.count({ verb: 'watch', path: slices })).toBe(1);
  });

  test('are read every five seconds where they may not be watched, which is said once', async () => {
    const { server, pass, log } = start(service('api', labels), slice('api', ['1']));
    server.forbid('watch', 'endpointslices');
    expect(await pass(33)).toBe('healthy');
    expect(server.count({ verb: 'list', path: slices })).toBeGreaterThanOrEqual(6);
    const said = log.lines.filter(({ message }) => message.includes('may not be watched'));
    expect(said).toHaveLength(1);
  });

  test('are watched anew when their watch has died without a word', async () => {
    const { server, pass, begin, ended } = watchedRelease();
    deploymentOf(released).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    server.put(service('api', labels));
    server.put(slice('api', ['1']));
    server.fault({ verb: 'watch', path: slices }, { kind: 'silence' });
    begin();
    await pass(10);
    server.put(slice('api', ['9']));
    await pass(70);
    expect(ended.result?.verdict ?? 'open').not.toBe('healthy');
    expect(server.count({ verb: 'watch', path: slices })).toBe(2);
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
    server.fault({ path: /deployments/ }, { kind: 'unauthorized' }, 100);
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
