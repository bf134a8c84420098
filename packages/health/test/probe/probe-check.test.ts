import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/index.ts';
import { container, readyPod } from './probed-pods.ts';
import { serveHttp, serveTcp } from './pod-servers.ts';
import { get, podsWithServers, podWith } from './pods-with-servers.ts';

const { open, pods } = podsWithServers();

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
  let looks = 0;
  const enough = (all: readonly Finding[]): boolean => all.length > 0 && (looks += 1) > 20;
  expect(await findings({}, { enough })).toMatchObject([{ state: 'open' }]);
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
  expect(await findings()).toMatchObject([
    { state: 'good', detail: expect.stringContaining('120 of 120 pods answered last') },
  ]);
  expect(JSON.stringify(evidence()).length).toBeLessThan(20_000);
});
