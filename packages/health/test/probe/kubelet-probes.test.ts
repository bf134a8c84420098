import { describe, expect, test } from '@jest/globals';
import { container, readyPod } from './probed-pods.ts';
import { serveGrpcHealth, serveHttp, serveSelfSigned, serveTcp } from './pod-servers.ts';
import { get, podsWithServers, podWith } from './pods-with-servers.ts';

const { open, pods } = podsWithServers();

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
