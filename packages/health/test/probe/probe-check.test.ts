import { afterEach, describe, expect, test } from '@jest/globals';
import type { Pod } from '@slipway/kube';
import { container, probedPods, readyPod, type ProbedPods } from './probed-pods.ts';
import {
  serveGrpcHealth,
  serveHttp,
  serveSelfSigned,
  serveTcp,
  type PodServer,
} from './pod-servers.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Pods whose ports are these servers. */
async function pods(
  all: readonly Pod[],
  ports: Readonly<Record<number, PodServer>> = {},
): Promise<ProbedPods> {
  for (const server of Object.values(ports)) open.push(server);
  const probed = await probedPods(all);
  open.push(probed);
  for (const { metadata } of all)
    for (const [port, server] of Object.entries(ports))
      probed.expose(metadata?.name ?? '', Number(port), server.port);
  return probed;
}

const get = (path: string, port: string | number, more: object = {}) => ({
  httpGet: { path, port, ...more },
});
/** One container, its readiness asked like this. */
const podWith = (readinessProbe: object, more: object = {}): Pod =>
  readyPod([
    container('app', { ports: [{ name: 'web', containerPort: 8080 }], readinessProbe, ...more }),
  ]);

describe('probes as the kubelet makes them', () => {
  test('send the Host that the probe asks for: a server that wants it is well', async () => {
    const server = await serveHttp((request, response) =>
      response.writeHead(request.headers.host === 'shop.example' ? 200 : 421).end(),
    );
    const probe = get('/readyz', 'web', { httpHeaders: [{ name: 'Host', value: 'shop.example' }] });
    const { findings } = await pods([podWith(probe)], { 8080: server });
    expect(await findings()).toMatchObject([{ check: 'probe /readyz', state: 'good' }]);
    expect(new Set(server.asked)).toEqual(new Set(['GET /readyz shop.example']));
  });

  test('send their other headers, and are told by their agent', async () => {
    const agents = new Set<string | undefined>();
    const server = await serveHttp((request, response) => {
      agents.add(request.headers['user-agent']?.split('/')[0]);
      const isWell =
        request.headers.authorization === 'Basic eDp5' && request.headers['x-probe'] === '1';
      response.writeHead(isWell ? 200 : 401).end();
    });
    const httpHeaders = [
      { name: 'Authorization', value: 'Basic eDp5' },
      { name: 'X-Probe', value: '1' },
    ];
    const { findings } = await pods([podWith(get('/readyz', 8080, { httpHeaders }))], {
      8080: server,
    });
    expect(await findings()).toMatchObject([{ state: 'good' }]);
    expect(agents).toEqual(new Set(['kube-probe']));
  });

  test('ask each path of its own port, by name or number of that container', async () => {
    const ready = await serveHttp((request, response) =>
      response.writeHead(request.url === '/readyz?deep=1' ? 200 : 404).end(),
    );
    const alive = await serveHttp((request, response) =>
      response.writeHead(request.url === '/healthz' ? 200 : 404).end(),
    );
    const app = container('app', {
      ports: [
        { name: 'web', containerPort: 8080 },
        { name: 'admin', containerPort: 8081 },
      ],
      readinessProbe: get('/readyz?deep=1', 'web'),
      livenessProbe: get('/healthz', 'admin'),
    });
    const { findings } = await pods([readyPod([app])], { 8080: ready, 8081: alive });
    expect(await findings()).toMatchObject([
      { check: 'probe /readyz?deep=1', state: 'good' },
      { check: 'probe /healthz', state: 'good' },
    ]);
  });

  test('do not take a sidecar’s port for the application’s, and ask native sidecars too', async () => {
    const mesh = await serveHttp((_, response) => response.writeHead(404).end());
    const app = await serveHttp((_, response) => response.end('ok'));
    const log = await serveHttp((_, response) => response.end('ok'));
    const proxy = container('istio-proxy', { ports: [{ name: 'web', containerPort: 15090 }] });
    const shipper = container('shipper', {
      restartPolicy: 'Always',
      readinessProbe: get('/ready', 2020),
    });
    const one = container('app', {
      ports: [{ name: 'web', containerPort: 8080 }],
      readinessProbe: get('/readyz', 'web'),
    });
    const pod = readyPod([proxy, one], {
      spec: { containers: [proxy, one], initContainers: [shipper] },
    });
    const { findings } = await pods([pod], { 15090: mesh, 8080: app, 2020: log });
    expect(await findings()).toMatchObject([
      { check: 'probe /readyz', state: 'good' },
      { check: 'probe /ready', state: 'good' },
    ]);
    expect(await findings({ paths: ['/orders'] })).toMatchObject([
      { check: 'probe /orders', state: 'good' },
    ]);
    expect(mesh.asked).toEqual([]);
  });

  test('follow a redirect on the pod, and fail when it leads to a failure', async () => {
    const server = await serveHttp((request, response) => {
      if (request.url === '/readyz') response.writeHead(302, { location: '/status' }).end();
      else response.writeHead(500).end('no database');
    });
    const { findings } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    expect(await findings()).toMatchObject([
      { state: 'bad', detail: expect.stringContaining('status 500, "no database"') },
    ]);
  });

  test('are well with a redirect to another host, which is not followed', async () => {
    const other = await serveHttp((_, response) => response.writeHead(500).end());
    const server = await serveHttp((_, response) =>
      response.writeHead(302, { location: `http://login.example:${other.port}/` }).end(),
    );
    const { findings } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    open.push(other);
    expect(await findings()).toMatchObject([{ state: 'good' }]);
    expect(other.asked).toEqual([]);
  });

  test('fail after ten redirects, as the kubelet’s do', async () => {
    let hop = 0;
    const server = await serveHttp((_, response) =>
      response.writeHead(302, { location: `/${(hop += 1)}` }).end(),
    );
    const { findings } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    const [finding] = await findings();
    expect(finding?.detail).toContain('stopped after 10 redirects');
  });

  test('take any certificate', async () => {
    const server = await serveSelfSigned((request, response) =>
      response.writeHead(request.headers.host === 'shop.example' ? 200 : 421).end(),
    );
    const httpHeaders = [{ name: 'Host', value: 'shop.example' }];
    const { findings } = await pods(
      [podWith(get('/readyz', 8080, { scheme: 'HTTPS', httpHeaders }))],
      { 8080: server },
    );
    expect(await findings()).toMatchObject([{ state: 'good' }]);
  });

  test('wait at least as long as the probe’s own timeoutSeconds', async () => {
    const server = await serveHttp((_, response) => setTimeout(() => response.end('ok'), 300));
    const probe = { ...get('/readyz', 8080), timeoutSeconds: 60 };
    const { findings } = await pods([podWith(probe)], { 8080: server });
    expect(await findings({ timeoutMs: 50 })).toMatchObject([{ state: 'good' }]);
  });

  test('read no more than the beginning of an endless body', async () => {
    const server = await serveHttp((_, response) => {
      const pour = (): void => {
        if (!response.destroyed) response.write('x'.repeat(4_096), () => setImmediate(pour));
      };
      pour();
    });
    const httpHeaders = [{ name: 'Host', value: 'shop.example' }];
    const { findings } = await pods([podWith(get('/readyz', 8080, { httpHeaders }))], {
      8080: server,
    });
    expect(await findings()).toMatchObject([{ state: 'good' }]);
  });

  test('of gRPC are calls of grpc.health.v1', async () => {
    const server = await serveGrpcHealth((service) => (service === 'shop' ? 1 : undefined));
    const probe = { grpc: { port: 9000, service: 'shop' } };
    const { findings } = await pods([podWith(probe)], { 9000: server });
    expect(await findings()).toMatchObject([{ check: 'probe grpc:9000/shop', state: 'good' }]);
    expect(new Set(server.asked)).toEqual(new Set(['/grpc.health.v1.Health/Check shop']));
  });

  test('of gRPC fail when the service says that it does not serve', async () => {
    const server = await serveGrpcHealth(() => 2);
    const { findings } = await pods([podWith({ grpc: { port: 9000 } })], { 9000: server });
    expect(await findings()).toMatchObject([
      { check: 'probe grpc:9000', state: 'bad', detail: expect.stringContaining('NOT_SERVING') },
    ]);
  });

  test('of TCP connect, also to a service that hangs up at once', async () => {
    const server = await serveTcp((socket) => socket.end());
    const { findings } = await pods([podWith({ tcpSocket: { port: 'web' } })], { 8080: server });
    expect(await findings()).toMatchObject([{ check: 'probe tcp:8080', state: 'good' }]);
  });

  test('that are commands, and startup probes, are what the kubelet says came of them', async () => {
    const pod = podWith({ exec: { command: ['true'] } }, { startupProbe: get('/started', 'web') });
    const { findings, sent } = await pods([pod]);
    expect(await findings()).toMatchObject([
      { check: 'probe readiness', state: 'good' },
      { check: 'probe /started', state: 'good' },
    ]);
    expect(sent.sentBy('api-1', 0, Infinity)).toBe(0);
  });
});

describe('a pod that the kubelet holds ready and that never answered us', () => {
  test.each<[string, number, string]>([
    ['does not know the host', 421, 'status 421'],
    ['does not understand the question', 400, 'status 400'],
  ])('is not sick when it %s', async (_, status, said) => {
    const server = await serveHttp((__, response) => response.writeHead(status).end());
    const { findings } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    expect(await findings()).toMatchObject([
      { state: 'blind', settled: true, detail: expect.stringContaining(said) },
    ]);
  });

  test('is not sick when it refuses or cuts connections', async () => {
    const cut = await serveTcp((socket) => socket.destroy());
    const { findings } = await pods([podWith(get('/readyz', 8080))], { 8080: cut });
    expect(await findings()).toMatchObject([{ state: 'blind', settled: true }]);
    const refused = await pods([podWith(get('/readyz', 8080))]);
    expect(await refused.findings()).toMatchObject([
      { state: 'blind', settled: true, detail: expect.stringContaining('connection refused') },
    ]);
  });

  test('is sick when it had answered before', async () => {
    let asked = 0;
    const server = await serveHttp((_, response) => {
      asked += 1;
      if (asked < 3) response.end('ok');
      else response.destroy();
    });
    const { findings } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    const bad = await findings({}, { enough: (all) => all.some(({ state }) => state === 'bad') });
    expect(bad).toMatchObject([{ state: 'bad', detail: expect.stringContaining('api-1') }]);
  });
});

test('a pod that the kubelet does not hold ready is left to the rollout, and asked anew when it is', async () => {
  let well = false;
  const server = await serveHttp((_, response) => response.writeHead(well ? 200 : 503).end());
  const { findings, setReady } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
  setReady('api-1', false);
  expect(await findings({}, { ms: 400 })).toMatchObject([{ state: 'open' }]);
  expect(server.asked).toEqual([]);
  setReady('api-1', true);
  well = true;
  expect(await findings()).toMatchObject([
    { state: 'good', detail: expect.not.stringContaining('503') },
  ]);
});

test('one of three pods that fails is named', async () => {
  const well = await serveHttp((_, response) => response.end('ok'));
  const sick = await serveHttp((_, response) => response.writeHead(503).end());
  const app = container('app', { readinessProbe: get('/readyz', 8080) });
  const probed = await pods(
    ['a', 'b', 'c'].map((name) => readyPod([app], {}, name)),
    { 8080: well },
  );
  open.push(sick);
  probed.expose('b', 8080, sick.port);
  const bad = await probed.findings(
    {},
    { enough: (all) => all.some(({ state }) => state === 'bad') },
  );
  expect(bad).toMatchObject([
    { state: 'bad', detail: expect.stringContaining('pod/b failed: status 503') },
  ]);
});

describe('without a right', () => {
  const host = { httpHeaders: [{ name: 'Host', value: 'shop.example' }] };

  test('to port-forward, what the proxy can make is asked through it', async () => {
    const server = await serveHttp((_, response) => response.end('ok'));
    const {
      findings,
      api,
      server: apiServer,
    } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    api.forbid('create', 'pods/portforward');
    expect(await findings()).toMatchObject([{ state: 'good' }]);
    expect(apiServer.taken.portforward).toBe(0);
  });

  test('to port-forward, a probe with a Host of its own is blind and names it', async () => {
    const server = await serveHttp((request, response) =>
      response.writeHead(request.headers.host === 'shop.example' ? 200 : 404).end(),
    );
    const { findings, api } = await pods([podWith(get('/readyz', 8080, host))], { 8080: server });
    api.forbid('create', 'pods/portforward');
    expect(await findings()).toMatchObject([
      { state: 'blind', settled: true, detail: expect.stringContaining('create pods/portforward') },
    ]);
  });

  test('to the proxy, all goes through port-forwards', async () => {
    const server = await serveHttp((_, response) => response.end('ok'));
    const {
      findings,
      api,
      server: apiServer,
    } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
    api.forbid('get', 'pods/proxy');
    expect(await findings()).toMatchObject([{ state: 'good' }]);
    expect(apiServer.taken).toMatchObject({ proxy: 0 });
  });

  test('to either, the probes are blind, name both and the role to add', async () => {
    const { findings, api } = await pods([
      podWith({ grpc: { port: 9000 } }, { livenessProbe: get('/livez', 8080) }),
    ]);
    api.forbid('get', 'pods/proxy');
    api.forbid('get', 'pods/portforward');
    expect(await findings()).toMatchObject(
      ['probe grpc:9000', 'probe /livez'].map((check) => ({
        check,
        state: 'blind',
        final: true,
        detail: expect.stringContaining('lack get pods/proxy and get and create pods/portforward'),
        next: expect.stringContaining('docs/cluster-access/verify-health.yaml'),
      })),
    );
  });
});

test('what was sent is counted by pod, so that it can be told from the requests of users', async () => {
  const server = await serveHttp((_, response) => response.end('ok'));
  const { findings, sent } = await pods([podWith(get('/readyz', 8080))], { 8080: server });
  const fromMs = Date.now() - 1;
  await findings({}, { enough: () => server.asked.length >= 4 });
  expect(sent.sentBy('api-1', fromMs, Infinity)).toBe(server.asked.length);
  expect(sent.sentBy('api-1', 0, fromMs)).toBe(0);
  expect(sent.sentBy('api-2', 0, Infinity)).toBe(0);
});

test('the evidence of five hundred pods stays small, and keeps those that failed', async () => {
  const server = await serveHttp((request, response) =>
    response.writeHead(request.headers['x'] === undefined ? 200 : 500).end(),
  );
  const app = container('app', { readinessProbe: get('/readyz', 8080) });
  const many = Array.from({ length: 120 }, (_, at) => readyPod([app], {}, `api-${at}`));
  const { findings, evidence } = await pods(many, { 8080: server });
  expect(await findings({}, { ms: 15_000 })).toMatchObject([
    { state: 'good', detail: expect.stringContaining('120 of 120 pods answered last') },
  ]);
  expect(JSON.stringify(evidence()).length).toBeLessThan(20_000);
});
