import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { replay, type HealthStatement } from '@slipway/health';
import { systemClock } from '@slipway/runtime';
import {
  listenOnLoopback,
  runBundle,
  type BundleResult,
  type LoopbackApiServer,
} from '@slipway/testing';
import {
  prometheusWorld,
  type PrometheusWorld,
} from '../../../packages/health/test/prometheus-world.ts';
import { shopCluster } from '../../../packages/rollout/test/shop-cluster.ts';

jest.setTimeout(120_000);

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');
/** Every secret that the action is given, none of which may be seen anywhere. */
const planted = {
  kubeconfig: 'CANARY-kube+1/4b2d9f7a',
  token: 'CANARY-token+2/9d11c3e8',
  password: 'CANARY-pass word&3/77aa01',
  header: 'CANARY-header=4/5c5c5c5c',
  traffic: 'CANARY-traffic+5/0b0b0b',
};
/** Those that every run is given; a server cannot know others. */
const all = [planted.kubeconfig, planted.token, planted.header].join(' ');

let scratch: string;
let cluster: ReturnType<typeof shopCluster>;
let listening: LoopbackApiServer;
let world: PrometheusWorld;
let prometheus: http.Server;
let prometheusUrl: string;

/** Serves the world on loopback, so that the action reaches it as it reaches a real one. */
async function serve(): Promise<void> {
  world = prometheusWorld(() => Date.now());
  prometheus = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const init = { method: request.method ?? 'GET', headers, body };
      void world.fetch(`http://world${request.url ?? ''}`, init).then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(await answer.text());
      });
    });
  });
  await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
  prometheusUrl = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-canary-'));
  cluster = shopCluster(systemClock);
  listening = await listenOnLoopback(cluster.server);
  cluster.putDeployment(1, 1);
  cluster.putPod({ uid: '1', ready: true });
  await serve();
});

afterEach(async () => {
  await listening.close();
  prometheus.close();
  prometheus.closeAllConnections();
  await rm(scratch, { recursive: true, force: true });
});

const kubeconfig = (server = listening.url): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: { token: planted.kubeconfig } }],
  });

async function verify(inputs: Readonly<Record<string, string>> = {}): Promise<BundleResult> {
  return await runBundle({
    action: 'verify-health',
    entry,
    scratch,
    timeoutMs: 90_000,
    inputs: {
      workload: 'deployment/api',
      kubeconfig: kubeconfig(),
      'prometheus-url': prometheusUrl,
      'prometheus-token': planted.token,
      'prometheus-headers': `X-Api-Key: ${planted.header}`,
      'built-in': 'none',
      assertions: '[{name: depth, query: depth, must: "< 1"}]',
      'min-soak': '1s',
      deadline: '4s',
      ...inputs,
    },
  });
}

/** Every file below the folders of the runner, and all that the step told. */
function told(result: BundleResult): string {
  const files = readdirSync(scratch, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((file) => readFileSync(path.join(file.parentPath, file.name), 'utf8'));
  const { stdout, stderr, summary, outputs, state, exportedEnv } = result;
  const lines = stdout.split('\n').filter((line) => !line.startsWith('::add-mask::'));
  return [
    ...lines,
    stderr,
    summary,
    JSON.stringify({ outputs, state, exportedEnv }),
    ...files,
  ].join('\n');
}

/** The secrets that stand in a text, in any of the forms that a reader could undo. */
function seenIn(text: string): readonly string[] {
  return Object.entries(planted)
    .filter(([, secret]) =>
      [
        secret,
        secret.slice(0, 14),
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        JSON.stringify(secret).slice(1, -1),
      ].some((form) => text.includes(form)),
    )
    .map(([name]) => name);
}

const failing = (status: number, error: string): Response =>
  Response.json({ status: 'error', errorType: 'internal', error }, { status });

/** What a Prometheus, or what stands before it, may say of what it was sent. */
const answers: readonly [string, () => Response][] = [
  ['a failure that quotes them', () => failing(500, `denied: ${all}`)],
  [
    'a failure that quotes them where it is cut short',
    () => failing(500, `${'x'.repeat(480)}${all}`),
  ],
  ['a refusal that quotes them', () => failing(403, `no tenant for ${all}`)],
  ['a parse error that quotes them', () => failing(400, `1:3: parse error: unexpected ${all}`)],
  [
    'a redirect to an address with them',
    () =>
      new Response('', {
        status: 302,
        headers: { location: `https://login.example/?token=${encodeURIComponent(planted.token)}` },
      }),
  ],
  ['a login page with them', () => new Response(`<html>${all}</html>`)],
  [
    'warnings with them',
    () =>
      Response.json({
        status: 'success',
        data: { resultType: 'vector', result: [] },
        warnings: [`partial: ${all}`],
      }),
  ],
  [
    'values of labels with them',
    () =>
      Response.json({
        status: 'success',
        data: {
          resultType: 'vector',
          result: [
            {
              metric: { route: `/me?token=${all}`, [planted.header]: 'x' },
              value: [Date.now() / 1000, '9'],
            },
          ],
        },
      }),
  ],
];

describe('no secret is told anywhere', () => {
  test.each(answers)('when Prometheus answers %s', async (_, answer) => {
    world.intercept(answer);
    const result = await verify();
    expect(result.exitCode).not.toBe(0);
    expect(result.outputs['verdict']).toBeDefined();
    expect(seenIn(told(result))).toEqual([]);
    const { predicate } = JSON.parse(
      readFileSync(result.outputs['certificate'] ?? '', 'utf8'),
    ) as HealthStatement;
    expect(replay(predicate)).toMatchObject({ kind: 'same', verdict: result.outputs['verdict'] });
  });

  test('when a pod waits with a message that quotes them, also of basic authentication', async () => {
    const given = [planted.kubeconfig, planted.password, planted.header].join(' ');
    const message = `api:1: not found: ${given} ${Buffer.from(`ci:${planted.password}`).toString('base64')}`;
    cluster.putPod({ uid: '1', waiting: { reason: 'ImagePullBackOff', message } });
    const result = await verify({
      'prometheus-token': '',
      'prometheus-username': 'ci',
      'prometheus-password': planted.password,
    });
    expect(readFileSync(result.outputs['certificate'] ?? '', 'utf8')).toContain('not found');
    expect(seenIn(told(result))).toEqual([]);
  });

  test('when requests of its own fail', async () => {
    const pod = http.createServer((request, response) => {
      response.writeHead(500).end(`you sent ${JSON.stringify(request.headers)}`);
    });
    await new Promise<void>((resolve) => pod.listen(0, '127.0.0.1', resolve));
    const { port } = pod.address() as AddressInfo;
    listening.expose({ namespace: 'shop', pod: 'api-1', port: 8080 }, port);
    try {
      const result = await verify({
        traffic: `/me | Authorization: Bearer ${planted.traffic}`,
        'probe-port': '8080',
        'prometheus-url': '',
        assertions: '',
      });
      expect(result.outputs['cause']).toContain('traffic');
      expect(seenIn(told(result))).toEqual([]);
    } finally {
      pod.close();
      pod.closeAllConnections();
    }
  });

  test('when the API server refuses and quotes them', async () => {
    const server = http.createServer((_, response) => {
      const status = { kind: 'Status', status: 'Failure', code: 403, message: `bearer ${all}` };
      response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(status));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const result = await verify({ kubeconfig: kubeconfig(url) });
    server.close();
    server.closeAllConnections();
    expect(result.exitCode).not.toBe(0);
    expect(seenIn(told(result))).toEqual([]);
  });

  test.each([
    ['a kubeconfig that is no YAML', { kubeconfig: `users: [{token: ${planted.kubeconfig}` }],
    ['a password in the address', { 'prometheus-url': `https://:${planted.token}@prom.example` }],
    [
      'a password in what is no address',
      { 'prometheus-url': `ftp://ci:${planted.token}@prom.example` },
    ],
    ['a key in the address', { 'prometheus-url': `https://prom.example/?key=${planted.token}` }],
    ['a header without a name', { 'prometheus-headers': planted.header }],
    [
      'a key that is not PEM',
      { 'prometheus-client-cert': 'x', 'prometheus-client-key': planted.token },
    ],
    ['a line of traffic that is none', { traffic: `me | Authorization: ${planted.traffic}` }],
    ['a header of traffic without a name', { traffic: `/me | ${planted.traffic}` }],
  ])('when an input is wrong: %s', async (_, inputs) => {
    const result = await verify(inputs);
    expect(result.exitCode).toBe(1);
    expect(seenIn(told(result))).toEqual([]);
  });
});
