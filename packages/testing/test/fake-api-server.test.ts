import { describe, expect, test } from '@jest/globals';
import { followObjects, KubeError, type KubeObject, type WatchEvent } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import { fakeApiServer, fakeClock, fakeLog, steppedClock } from '../src/index.ts';

const configMaps = '/api/v1/namespaces/shop/configmaps';
const deployments = '/apis/apps/v1/namespaces/shop/deployments';

type Object = KubeObject & Readonly<Record<string, unknown>>;
const configMap = (name: string, more: object = {}): Object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: '1' },
  ...more,
});

function start(clock: Clock = fakeClock()) {
  const server = fakeApiServer({ clock, namespaces: ['shop'] });
  return { clock, server, kube: server.client() };
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((caught: unknown) => caught);
  if (!(error instanceof KubeError)) throw new Error('That was no refusal.');
  return `${error.status} ${error.reason}`;
}

describe('objects', () => {
  test('are made, changed by a merge patch, and removed, each time under a new version', async () => {
    const { kube } = start();
    const made = await kube.create<KubeObject>(configMaps, configMap('one'));
    const changed = await kube.patch<Object>(`${configMaps}/one`, { data: { a: null, b: '2' } });
    expect(changed['data']).toEqual({ b: '2' });
    expect(changed.metadata?.uid).toBe(made.metadata?.uid);
    expect(Number(changed.metadata?.resourceVersion)).toBeGreaterThan(
      Number(made.metadata?.resourceVersion),
    );
    await kube.delete(`${configMaps}/one`);
    expect(await refusalOf(kube.get(`${configMaps}/one`))).toBe('404 NotFound');
  });

  test('keep their version when a patch changes nothing', async () => {
    const { kube } = start();
    const made = await kube.create<KubeObject>(configMaps, configMap('one'));
    expect(await kube.patch(`${configMaps}/one`, { data: { a: '1' } })).toEqual(made);
  });

  test('are made once, and in a namespace that is there', async () => {
    const { kube } = start();
    await kube.create(configMaps, configMap('one'));
    expect(await refusalOf(kube.create(configMaps, configMap('one')))).toBe('409 AlreadyExists');
    const gone = kube.create(configMaps.replace('shop', 'gone'), configMap('one'));
    expect(await refusalOf(gone)).toBe('404 NotFound');
  });

  test.each(['patch', 'apply', 'update'] as const)(
    'are not changed by %s from an older version',
    async (how) => {
      const { kube, server } = start();
      const made = await kube.create<KubeObject>(configMaps, configMap('one'));
      await kube.patch(`${configMaps}/one`, { data: { a: '2' } });
      const { resourceVersion } = made.metadata ?? {};
      const body = configMap('one', { metadata: { name: 'one', resourceVersion } });
      const path = `${configMaps}/one`;
      const change = async (): Promise<number> => {
        if (how === 'update') {
          const init = { method: 'PUT', body: JSON.stringify(body) };
          return (await server.fetch(`https://api.test${path}`, init)).status;
        }
        const work =
          how === 'patch'
            ? kube.patch(path, body)
            : kube.apply(path, JSON.stringify(body), { fieldManager: 'test' });
        return Number((await refusalOf(work)).slice(0, 3));
      };
      expect(await change()).toBe(409);
      expect(server.object(path)?.['data']).toEqual({ a: '2' });
    },
  );

  test('count the changes of their spec, and have their status for themselves', async () => {
    const { kube } = start();
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' } };
    await kube.create(deployments, { ...body, spec: { replicas: 1 }, status: { replicas: 7 } });
    await kube.patch(`${deployments}/api`, { spec: { replicas: 2 }, status: { replicas: 7 } });
    const api = await kube.patch<Object>(`${deployments}/api/status`, { status: { replicas: 2 } });
    expect(api).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 2 },
      status: { replicas: 2 },
    });
  });

  test('are tried with dryRun and stay as they are', async () => {
    const { kube, server } = start();
    await kube.create(configMaps, configMap('one'));
    const query = { dryRun: 'All', force: true, fieldManager: 'test' };
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {b: "2"}';
    const tried = await kube.apply<Object>(`${configMaps}/one`, yaml, query);
    expect(tried['data']).toEqual({ a: '1', b: '2' });
    expect(server.object(`${configMaps}/one`)?.['data']).toEqual({ a: '1' });
  });

  test('that have finalizers, and pods of a node, are only marked when they are deleted', async () => {
    const { kube, server } = start();
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: { nodeName: 'n' } };
    const metadata = { name: 'api-1', namespace: 'shop' };
    server.put({ ...pod, metadata });
    await kube.delete('/api/v1/namespaces/shop/pods/api-1');
    expect(server.object('/api/v1/namespaces/shop/pods/api-1')?.metadata).toHaveProperty(
      'deletionTimestamp',
    );
  });
});

describe('a list', () => {
  test('comes in pages that show one state, with the version of it', async () => {
    const { kube, server } = start();
    for (const name of ['a', 'b', 'c']) await kube.create(configMaps, configMap(name));
    server.onChange(() => undefined);
    const { items, resourceVersion } = await kube.listAt<KubeObject>(configMaps, { limit: 2 });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['a', 'b', 'c']);
    expect(server.count({ verb: 'list' })).toBe(2);
    expect(resourceVersion).toBe(items[2]?.metadata?.resourceVersion);
  });

  test('knows labels in all forms', async () => {
    const { kube } = start();
    const labels = [{ app: 'a' }, { app: 'b', tier: 'web' }, {}];
    for (const [at, own] of labels.entries())
      await kube.create(
        configMaps,
        configMap(`m${at}`, { metadata: { name: `m${at}`, labels: own } }),
      );
    const named = async (labelSelector: string): Promise<string> => {
      const found = await kube.list<KubeObject>(configMaps, { labelSelector });
      return found.map(({ metadata }) => metadata?.name).join(' ');
    };
    expect(await named('app=a')).toBe('m0');
    expect(await named('app in (a, b),tier')).toBe('m1');
    expect(await named('app notin (a)')).toBe('m1 m2');
    expect(await named('!app')).toBe('m2');
    expect(await named('app!=b,tier!=web')).toBe('m0 m2');
  });

  test('that was begun too long ago has expired', async () => {
    const { kube, server } = start();
    for (const name of ['a', 'b']) await kube.create(configMaps, configMap(name));
    const first = await kube.get<{ metadata: { continue: string } }>(configMaps, { limit: 1 });
    server.forgetHistory();
    const next = kube.get(configMaps, { limit: 1, continue: first.metadata.continue });
    expect(await refusalOf(next)).toBe('410 Expired');
  });
});

describe('a watch', () => {
  async function told(
    events: AsyncIterable<WatchEvent<KubeObject>>,
    count: number,
  ): Promise<string[]> {
    const seen: string[] = [];
    for await (const { type, object } of events) {
      seen.push(`${type} ${object.metadata?.name ?? ''}`.trim());
      if (seen.length === count) break;
    }
    return seen;
  }

  test('tells what changed since its version, then what changes', async () => {
    const { kube, server } = start();
    await kube.create(configMaps, configMap('old'));
    const { resourceVersion } = await kube.listAt(configMaps);
    await kube.patch(`${configMaps}/old`, { data: { a: '2' } });
    const events = told(kube.watch<KubeObject>(configMaps, { resourceVersion }), 4);
    await new Promise((resolve) => setImmediate(resolve));
    await kube.create(configMaps, configMap('new'));
    await kube.delete(`${configMaps}/old`);
    server.bookmark();
    expect(await events).toEqual(['MODIFIED old', 'ADDED new', 'DELETED old', 'BOOKMARK']);
    expect(server.openWatches()).toBe(0);
  });

  test('tells of objects that come and go by their labels', async () => {
    const { kube } = start();
    await kube.create(configMaps, configMap('one'));
    const { resourceVersion } = await kube.listAt(configMaps);
    const query = { resourceVersion, labelSelector: 'app=a' };
    const events = told(kube.watch<KubeObject>(configMaps, query), 2);
    await kube.patch(`${configMaps}/one`, { metadata: { labels: { app: 'a' } } });
    await kube.patch(`${configMaps}/one`, { metadata: { labels: { app: 'b' } } });
    expect(await events).toEqual(['ADDED one', 'DELETED one']);
  });

  test('from a version that is too old has expired', async () => {
    const { kube, server } = start();
    const { resourceVersion } = await kube.listAt(configMaps);
    await kube.create(configMaps, configMap('one'));
    server.forgetHistory();
    const events = told(kube.watch<KubeObject>(configMaps, { resourceVersion }), 1);
    expect(await refusalOf(events)).toBe('410 Expired');
  });

  test('ends after its time, with a bookmark before that', async () => {
    const clock = steppedClock();
    const { kube } = start(clock);
    const query = { resourceVersion: (await kube.listAt(configMaps)).resourceVersion };
    const events = told(kube.watch<KubeObject>(configMaps, { ...query, timeoutSeconds: 60 }), 9);
    await clock.advance(60_000);
    expect(await events).toEqual(['BOOKMARK']);
  });

  test('that breaks off is taken up again by who follows, without a list', async () => {
    const { kube, server, clock } = start();
    const breakOnceOpen = async (): Promise<void> => {
      while (server.openWatches() === 0) await new Promise((resolve) => setImmediate(resolve));
      server.endWatches('break');
    };
    const stop = new AbortController();
    const seen: string[] = [];
    const ports = { client: kube, clock, log: fakeLog() };
    for await (const { type } of followObjects(ports, configMaps, {}, stop.signal)) {
      seen.push(type);
      if (type === 'SYNC') void breakOnceOpen();
      if (type === 'LOST') await kube.create(configMaps, configMap('one'));
      if (type === 'ADDED') stop.abort();
    }
    expect(seen).toEqual(['SYNC', 'LOST', 'ADDED']);
    expect(server.count({ verb: 'list' })).toBe(1);
  });
});

describe('a fault', () => {
  test('loses the answer of a change that was made', async () => {
    const { kube, server } = start();
    server.fault({ verb: 'create' }, { kind: 'answer-lost' });
    expect(await refusalOf(kube.create(configMaps, configMap('one')))).toBe('0 Unreachable');
    expect(server.object(`${configMaps}/one`)).toBeDefined();
  });

  test('is met by the client’s own patience', async () => {
    const { kube, server, clock } = start();
    const startMs = clock.now();
    server.fault({}, { kind: 'too-many-requests', retryAfterSeconds: 4 });
    server.fault({}, { kind: 'unavailable', retryAfterSeconds: 2 });
    server.fault({}, { kind: 'refused' });
    await kube.list(configMaps);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(6_000);
    expect(server.count({ verb: 'list', path: /configmaps$/ })).toBe(4);
  });

  test('keeps a request waiting by the clock, to its time limit', async () => {
    const clock = steppedClock();
    const server = fakeApiServer({ clock, namespaces: ['shop'] });
    const kube = server.client({ timeoutMs: 5_000 });
    server.fault({ path: /configmaps$/ }, { kind: 'delay', ms: 4_000 });
    server.fault({ path: /configmaps$/ }, { kind: 'silence' });
    const first = kube.list(configMaps);
    await clock.advance(4_000);
    expect(await first).toEqual([]);
    const second = refusalOf(kube.list(configMaps));
    await clock.advance(5_000);
    expect(await second).toBe('0 Timeout');
  });

  test('refuses what is forbidden, in the API’s words', async () => {
    const { kube, server } = start();
    server.forbid('patch', 'configmaps');
    await kube.create(configMaps, configMap('one'));
    await expect(kube.patch(`${configMaps}/one`, {})).rejects.toThrow(
      'User "ci" cannot patch resource "configmaps" in API group "" in the namespace "shop"',
    );
  });
});
