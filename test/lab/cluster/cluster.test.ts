import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createKubeClient, loadKubeConfig, PortForwardError } from '@slipway/kube';
import { fakeLog } from '@slipway/testing';
import { cacheFolder } from '../places/cache-folder.ts';
import { helloManifest } from './hello-manifest.ts';
import { eventually, kubectlOf, type Kubectl } from './kubectl.ts';
import { layoutOf, useLab, type Lab } from '../lab.ts';
import { buildPrograms, type Programs } from '../build/programs.ts';
import { pushProgram } from '../images/push-image.ts';
import { readState } from '../session/state.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const namespace = 'lab-cluster-test';
let lab: Lab;
let programs: Programs;
let kubectl: Kubectl;
let image = '';
let scratch = '';

beforeAll(async () => {
  lab = await useLab();
  programs = await buildPrograms(cacheFolder(process.env, os.homedir()), process.env);
  kubectl = kubectlOf(lab, namespace);
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-cluster-'));
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  await kubectl('create', 'namespace', namespace);
  const pushed = { registry: lab.registry, repository: 'lab/hello', tag: 'test' };
  await pushProgram({ ...pushed, program: programs.hello });
  image = `${lab.registry}/lab/hello:test`;
}, 1_800_000);

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

async function apply(text: string): Promise<void> {
  const file = path.join(scratch, 'manifest.json');
  await writeFile(file, text);
  await kubectl('apply', '-f', file);
}

const firstPod = async (app: string): Promise<string> =>
  (
    await kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[0].metadata.name}')
  ).trim();

const throughProxy = async (pod: string, query: string): Promise<string> =>
  kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy${query}`);

test('a pod whose image was pushed to the registry becomes Ready and answers through the pod proxy', async () => {
  await apply(helloManifest({ name: 'hello', image, replicas: 2 }));
  await kubectl('rollout', 'status', 'deployment/hello', '--timeout=60s');
  const pod = await firstPod('hello');
  expect(await throughProxy(pod, '/')).toContain(`hello from ${pod}`);
  expect(await kubectl('logs', pod)).toBe('');
});

test('a port of a pod is reached as it is through a port-forward, and the node says where nothing listens', async () => {
  const target = await loadKubeConfig({ path: lab.kubeconfig, env: {} });
  const client = createKubeClient(target, { env: {}, log: fakeLog() });
  const pod = await firstPod('hello');
  const all = async (port: number, sent: string): Promise<string> => {
    const forward = await client.portForward({ namespace, pod, port, timeoutMs: 20_000 });
    if (forward.kind === 'refused') throw new Error(forward.message);
    const { stream } = forward;
    return await new Promise((resolve, reject) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => resolve(text));
      stream.on('error', reject);
      if (sent !== '') stream.write(sent);
    });
  };
  try {
    const asked = 'GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';
    expect(await all(8080, asked)).toMatch(new RegExp(`^HTTP/1\\.1 200 OK[^]*hello from ${pod}`));
    const error: unknown = await all(9, '').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PortForwardError);
    expect((error as Error).message).toContain('refused');
    const gone = { namespace, pod: 'gone', port: 8080, timeoutMs: 20_000 };
    expect(await client.portForward(gone)).toMatchObject({ kind: 'refused', status: 404 });
  } finally {
    await client.close();
  }
});

/** A GET over a connection of its own: which pod answers is decided once per connection. */
const freshGet = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });

test('a ClusterIP leads to every ready pod, from this machine and from a pod', async () => {
  const ip = (await kubectl('get', 'service', 'hello', '-o', 'jsonpath={.spec.clusterIP}')).trim();
  const seen = new Set<string>();
  await eventually(
    async () => seen.add(await freshGet(`http://${ip}/`)),
    () => seen.size === 2,
  );
  const pod = await firstPod('hello');
  expect(await throughProxy(pod, `/fetch?url=http://${ip}/`)).toContain('hello from hello-');
});

test('a pod finds services by name and learns at once that other names do not exist', async () => {
  const pod = await firstPod('hello');
  const byName = await throughProxy(pod, '/fetch?url=http://hello/');
  expect(byName).toContain('hello from hello-');
  const api = await throughProxy(pod, '/lookup?name=kubernetes.default.svc.cluster.local');
  expect(api).toContain('.128.1]');
  expect(await throughProxy(pod, '/lookup?name=example.com')).toContain('no such host');
});

test('a service without ready pods refuses connections instead of swallowing them', async () => {
  const missing = `${lab.registry}/lab/hello:missing`;
  await apply(helloManifest({ name: 'nobody', image: missing }));
  const ip = (await kubectl('get', 'service', 'nobody', '-o', 'jsonpath={.spec.clusterIP}')).trim();
  const failure = await eventually(
    () =>
      fetch(`http://${ip}/`, { signal: AbortSignal.timeout(1_000) }).then(
        () => 'answered',
        (error: unknown) => String((error as { cause?: { code?: string } }).cause?.code),
      ),
    (code) => code === 'ECONNREFUSED',
  );
  expect(failure).toBe('ECONNREFUSED');
});

test('an image that is not there is told by the kubelet with its real reason', async () => {
  const reason = await eventually(
    () =>
      kubectl(
        ...['get', 'pods', '-l', 'app=nobody', '-o'],
        'jsonpath={.items[0].status.containerStatuses[0].state.waiting.reason}',
      ),
    (text) => text === 'ErrImagePull' || text === 'ImagePullBackOff',
  );
  expect(reason).toMatch(/ErrImagePull|ImagePullBackOff/);
  const events = await kubectl('get', 'events', '-o', 'jsonpath={.items[*].message}');
  expect(events).toMatch(/lab\/hello:missing.*not found/);
});

test('a container that exits is restarted and its exit code recorded', async () => {
  await apply(helloManifest({ name: 'crashing', image, args: ['crash'] }));
  const state = await eventually(
    () => kubectl('get', 'pods', '-l', 'app=crashing', '-o', 'json'),
    (text) => text.includes('CrashLoopBackOff'),
  );
  expect(state).toContain('"exitCode": 3');
  const pod = await firstPod('crashing');
  expect(await kubectl('logs', pod, '--previous')).toContain('told to crash');
});

interface Series {
  metric: Record<string, string>;
  value: [number, string];
}

async function query(expression: string): Promise<Series[]> {
  const url = `${lab.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { data } = (await (await fetch(url)).json()) as { data: { result: Series[] } };
  return data.result;
}

test('Prometheus scrapes a pod that asks for it by annotation, and knows it by its labels', async () => {
  const series = await eventually(
    () => query(`up{namespace="${namespace}",app="hello"}`),
    (found) => found.length === 2 && found.every(({ value }) => value[1] === '1'),
  );
  const pod = await firstPod('hello');
  const metric = series.map((one) => one.metric).find((labels) => labels['pod'] === pod);
  expect(metric).toMatchObject({ job: 'pods', namespace, app: 'hello' });
  const served = await query(`hello_served_total{pod="${pod}"}`);
  expect(Number(served[0]?.value[1])).toBeGreaterThan(0);
});

test('a pod that is deleted is no target any more', async () => {
  await kubectl('delete', 'deployment', 'hello', '--wait=true');
  const left = await eventually(
    () => query(`up{namespace="${namespace}",app="hello"}`),
    (found) => found.length === 0,
  );
  expect(left).toEqual([]);
});

test.each(['v3', 'v4'] as const)(
  'Helm %s installs a chart from the registry, and it becomes Ready',
  async (major) => {
    const chart = path.join(scratch, `chart-${major}`, 'hello');
    await mkdir(path.join(chart, 'templates'), { recursive: true });
    const meta = 'apiVersion: v2\nname: hello\nversion: 0.1.0\n';
    await writeFile(path.join(chart, 'Chart.yaml'), meta);
    const manifest = helloManifest({ name: `helm-${major}`, image });
    const { items } = JSON.parse(manifest) as { items: unknown[] };
    for (const [index, item] of items.entries())
      await writeFile(path.join(chart, 'templates', `${index}.yaml`), JSON.stringify(item));
    const helm = (...args: string[]): Promise<{ stdout: string }> =>
      run(lab.helm[major], args, {
        env: { HOME: scratch, PATH: process.env['PATH'], KUBECONFIG: lab.kubeconfig },
      });
    await helm('package', chart, '--destination', scratch);
    const archive = path.join(scratch, 'hello-0.1.0.tgz');
    await helm('push', archive, `oci://${lab.registry}/charts-${major}`, '--plain-http');
    const reference = `oci://${lab.registry}/charts-${major}/hello`;
    const where = ['--namespace', namespace, '--plain-http', '--version', '0.1.0'];
    await helm('install', `rel-${major}`, reference, ...where, '--wait', '--timeout', '60s');
    const ready = 'jsonpath={.status.readyReplicas}';
    expect(await kubectl('get', 'deployment', `helm-${major}`, '-o', ready)).toBe('1');
  },
);

test('a second start changes nothing', async () => {
  const layout = layoutOf(process.env);
  const before = await readState(layout);
  expect(await useLab()).toMatchObject({ apiServer: lab.apiServer, registry: lab.registry });
  expect((await readState(layout))?.daemons).toEqual(before?.daemons);
});

test('the cache service answers with the environment that the lab tells', async () => {
  const text = await readFile(lab.cacheEnvironment, 'utf8');
  const environment: Record<string, string> = Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s) as [string, string]),
  );
  const call = 'twirp/github.actions.results.api.v1.CacheService/GetCacheEntryDownloadURL';
  const answer = await fetch(new URL(call, environment['ACTIONS_RESULTS_URL'] ?? ''), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${environment['ACTIONS_RUNTIME_TOKEN'] ?? ''}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ key: 'none', restore_keys: [], version: '0'.repeat(64) }),
  });
  expect(await answer.json()).toMatchObject({ ok: false });
});
