import { describe, expect, test } from '@jest/globals';
import { appContainer, probeNames, probeTargets } from '../../src/observe/probe/probe-target.ts';
import { container, readyPod } from './probed-pods.ts';

const get = (path: string, port: string | number, more: object = {}) => ({
  httpGet: { path, port, ...more },
});
const auto = { paths: 'auto', port: undefined, scheme: undefined, timeoutMs: 5_000 } as const;
const actionsOf = (...given: Parameters<typeof probeTargets>) =>
  probeTargets(...given).map(({ container: of, kinds, action }) => ({ of, kinds, ...action }));

describe('the probes of a pod', () => {
  test('that ask the same are one, and keep what is different', () => {
    const pod = readyPod([
      container('app', {
        ports: [{ name: 'web', containerPort: 8443 }],
        readinessProbe: get('/ready', 'web', { scheme: 'HTTPS' }),
        livenessProbe: { ...get('/ready', 8443, { scheme: 'HTTPS' }), timeoutSeconds: 7 },
        startupProbe: get('', 'web'),
      }),
    ]);
    expect(actionsOf(pod, auto)).toEqual([
      {
        of: 'app',
        kinds: ['readiness', 'liveness'],
        kind: 'http',
        scheme: 'https',
        port: 8443,
        path: '/ready',
        headers: [],
      },
      {
        of: 'app',
        kinds: ['startup'],
        kind: 'http',
        scheme: 'http',
        port: 8443,
        path: '/',
        headers: [],
      },
    ]);
    expect(probeTargets(pod, auto).map(({ timeoutMs }) => timeoutMs)).toEqual([7_000, 5_000]);
  });

  test('take a name for a port of their own container', () => {
    const web = (port: number) => ({
      ports: [{ name: 'web', containerPort: port }],
      readinessProbe: get('/', 'web'),
    });
    const pod = readyPod([
      container('a', web(1)),
      container('b', web(2)),
      container('c', { readinessProbe: get('/', 'web') }),
    ]);
    expect(actionsOf(pod, auto)).toMatchObject([{ port: 1 }, { port: 2 }, { port: undefined }]);
  });

  test('of another host than the pod are left to the kubelet', () => {
    const pod = readyPod([
      container('app', {
        readinessProbe: get('/', 80, { host: '127.0.0.1' }),
        livenessProbe: { tcpSocket: { host: 'db', port: 1 } },
      }),
    ]);
    expect(actionsOf(pod, auto)).toMatchObject([{ kind: 'kubelet' }, { kind: 'kubelet' }]);
  });

  test('are named by their path, and by container and port where one path is asked of several', () => {
    const pod = readyPod([
      container('a', { readinessProbe: get('/healthz', 1), livenessProbe: get('/livez', 1) }),
      container('b', { readinessProbe: get('/healthz', 2) }),
    ]);
    expect([...probeNames(probeTargets(pod, auto)).values()]).toEqual([
      'probe a:1/healthz',
      'probe /livez',
      'probe b:2/healthz',
    ]);
  });
});

describe('the application of a pod', () => {
  const web = container('web', { ports: [{ containerPort: 8080 }] });
  const proxy = container('istio-proxy', {
    ports: [{ containerPort: 15090 }],
    readinessProbe: get('/healthz/ready', 15021),
  });

  test.each([
    ['is no proxy beside it', readyPod([proxy, web])],
    [
      'is nothing that was put into the pod',
      readyPod([container('injected', { ports: [{ containerPort: 1 }] }), web]),
    ],
    ['has ports, when another has none', readyPod([container('worker'), web])],
    [
      'is what kubectl takes',
      readyPod([container('other', { ports: [{ containerPort: 1 }] }), web], {
        metadata: { annotations: { 'kubectl.kubernetes.io/default-container': 'web' } },
      }),
    ],
  ])('%s', (_, pod) => {
    expect(appContainer(pod, new Set(['web', 'worker', 'istio-proxy', 'other']))?.name).toBe('web');
  });

  test('is asked the paths that are named: where the kubelet asks them, else at its own port', () => {
    const pod = readyPod([
      proxy,
      container('web', {
        ports: [
          { name: 'http', containerPort: 8080 },
          { name: 'admin', containerPort: 9090 },
        ],
        readinessProbe: get('/readyz', 'admin', {
          scheme: 'HTTPS',
          httpHeaders: [{ name: 'Host', value: 'x' }],
        }),
      }),
    ]);
    const at = { ...auto, paths: ['/readyz', '/orders'] };
    const headers = [['Host', 'x']];
    expect(actionsOf(pod, at)).toMatchObject([
      { path: '/readyz', port: 9090, scheme: 'https', headers },
      { path: '/orders', port: 9090, scheme: 'https', headers },
    ]);
    expect(actionsOf(pod, { ...at, port: 'http', scheme: 'http' })).toMatchObject([
      { port: 8080, scheme: 'http' },
      { port: 8080, scheme: 'http' },
    ]);
    expect(actionsOf(pod, { ...at, port: 'nowhere' })).toMatchObject([
      { port: undefined },
      { port: undefined },
    ]);
  });
});
