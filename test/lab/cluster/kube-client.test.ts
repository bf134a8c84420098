import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  createKubeClient,
  followObjects,
  KubeError,
  loadKubeConfig,
  mayAccess,
  podCause,
  readWorkload,
  workloadPods,
  type KubeClient,
  type KubeObject,
} from '@slipway/kube';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { useLab, type Lab } from '../lab.ts';
import { eventually } from './kubectl.ts';

jest.setTimeout(120_000);

const namespace = 'kube-client';
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;

let lab: Lab;
let client: KubeClient;

beforeAll(async () => {
  lab = await useLab();
  const target = await loadKubeConfig({ path: lab.kubeconfig, env: {} });
  client = createKubeClient(target, { env: {}, log: fakeLog() });
  const old = await client.get(`/api/v1/namespaces/${namespace}`).catch(() => undefined);
  if (old !== undefined) await client.delete(`/api/v1/namespaces/${namespace}`);
  await eventually(
    () =>
      client.get(`/api/v1/namespaces/${namespace}`).then(
        () => 'there',
        (error: unknown) => (error instanceof KubeError ? error.status : String(error)),
      ),
    (answer) => answer === 404,
  );
  await client.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
}, 600_000);

afterAll(async () => {
  await client.delete(`/api/v1/namespaces/${namespace}`);
  await client.close();
});

const configMap = (name: string): KubeObject & Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { made: 'here' } },
  data: { a: '1' },
});

describe('a real API server', () => {
  test('lets objects be made, changed, listed in pages, and removed', async () => {
    for (const name of ['one', 'two', 'three']) await client.create(configMaps, configMap(name));
    await client.patch(`${configMaps}/one`, { data: { b: '2' } });
    const one = await client.get<{ data: Record<string, string> }>(`${configMaps}/one`);
    expect(one.data).toEqual({ a: '1', b: '2' });
    const paged = await client.list<KubeObject>(configMaps, {
      limit: 1,
      labelSelector: 'made=here',
    });
    expect(paged.map(({ metadata }) => metadata?.name).sort()).toEqual(['one', 'three', 'two']);
    await client.delete(`${configMaps}/two`);
    await expect(client.get(`${configMaps}/two`)).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound',
    });
    await expect(client.create(configMaps, configMap('one'))).rejects.toMatchObject({
      status: 409,
      reason: 'AlreadyExists',
    });
  });

  test('tells changes while they are followed', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const ports = { client, clock: systemClock, log: fakeLog() };
    const query = { fieldSelector: 'metadata.name=watched' };
    for await (const change of followObjects<KubeObject>(ports, configMaps, query, stop.signal)) {
      told.push(change.type);
      if (change.type === 'SYNC') await client.create(configMaps, configMap('watched'));
      if (change.type === 'ADDED')
        await client.patch(`${configMaps}/watched`, { data: { a: '2' } });
      if (change.type === 'MODIFIED') await client.delete(`${configMaps}/watched`);
      if (change.type === 'DELETED') stop.abort();
    }
    expect(told).toEqual(['SYNC', 'ADDED', 'MODIFIED', 'DELETED']);
  });

  test('says beforehand what the credentials may do', async () => {
    const access = { verb: 'get', group: '', resource: 'pods/proxy', namespace };
    expect(await mayAccess(client, access)).toBe(true);
  });

  test('is not trusted when another authority signed its certificate', async () => {
    const text = await readFile(lab.kubeconfig, 'utf8');
    const target = await loadKubeConfig({ text, env: {} });
    const { cert = '', key = '' } = target.tls;
    const stranger = createKubeClient(
      { ...target, tls: { cert, key } },
      { env: {}, log: fakeLog() },
    );
    await expect(stranger.get('/version')).rejects.toMatchObject({ reason: 'Untrusted' });
    await stranger.close();
  });
});

describe('a deployment whose image does not exist', () => {
  const ref = { kind: 'deployment', name: 'sick', namespace } as const;

  test('has pods of its current revision, and a cause in the registry’s words', async () => {
    const labels = { app: 'sick' };
    const image = `${lab.registry}/slipway/not-there:1`;
    await client.create(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'sick' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
      },
    });
    const reasons = await eventually(
      async () => {
        const workload = await readWorkload(client, ref);
        const { current } = await workloadPods(client, workload);
        return current
          .map((pod) => podCause(pod, []))
          .filter((cause) => cause?.recovery === 'never')
          .map((cause) => `${cause?.reason ?? ''}: ${cause?.message ?? ''}`);
      },
      (found) => found.length > 0,
    );
    expect(reasons[0]).toMatch(/^(ErrImagePull|ImagePullBackOff): .*not found/);
  });

  test('has another revision after a change, and the earlier pods apart', async () => {
    const before = await readWorkload(client, ref);
    const template = { metadata: { annotations: { changed: 'yes' } } };
    await client.patch(`${deployments}/sick`, { spec: { template } });
    const after = await eventually(
      () => readWorkload(client, ref),
      ({ revision }) => revision !== undefined && revision !== before.revision,
    );
    await eventually(
      () => workloadPods(client, after),
      ({ current }) => current.length > 0,
    );
    expect(after.revision).not.toBe(before.revision);
    const { current, earlier } = await workloadPods(client, after);
    expect(
      current.every((pod) => pod.metadata?.labels?.['pod-template-hash'] === after.revision),
    ).toBe(true);
    expect(
      earlier.every((pod) => pod.metadata?.labels?.['pod-template-hash'] === before.revision),
    ).toBe(true);
    expect(after.rollout.done).toBe(false);
  });
});
