import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  createKubeClient,
  KubeError,
  loadKubeConfig,
  mayAccess,
  type KubeClient,
  type KubeObject,
} from '@slipway/kube';
import { systemClock } from '@slipway/runtime';
import { fakeApiServer, fakeLog } from '@slipway/testing';
import { useLab } from '../lab.ts';
import { eventually } from './kubectl.ts';

/** What one call came to, without what differs from server to server. */
type Told = readonly [call: string, answer: unknown];
type Object = KubeObject & Readonly<Record<string, unknown>>;

const namespace = 'fake-api-server';
const group = 'fake-api-server.test';
const core = `/api/v1/namespaces/${namespace}`;
const apps = `/apis/apps/v1/namespaces/${namespace}`;
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

let real: KubeClient;
beforeAll(async () => {
  const lab = await useLab();
  const target = await loadKubeConfig({ path: lab.kubeconfig, env: {} });
  real = createKubeClient(target, { env: {}, log: fakeLog() });
  const path = `/api/v1/namespaces/${namespace}`;
  await real.delete(path).catch(() => undefined);
  await eventually(
    () => real.get(path).catch((error: unknown) => error),
    (answer) => answer instanceof KubeError && answer.status === 404,
  );
  const metadata = { name: namespace };
  await real.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  await defineWidgets();
}, 600_000);

/** A kind of which the server knows nothing from before now. */
async function defineWidgets(): Promise<void> {
  const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const schema = { openAPIV3Schema: { type: 'object' } };
  await real.delete(`${definition}/widgets.${group}`).catch(() => undefined);
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
  await eventually(
    () => real.create(definition, body).catch((error: unknown) => error),
    (answer) => !(answer instanceof KubeError),
  );
  await eventually(
    () => real.listAt(`/apis/${group}/v1/widgets`).catch((error: unknown) => error),
    (answer) => !(answer instanceof KubeError),
  );
}

afterAll(async () => {
  await real.delete(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
  await real.delete(`/api/v1/namespaces/${namespace}`);
  await real.close();
});

const configMap = (name: string, more: object = {}): Object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { made: 'here' } },
  data: { a: '1' },
  ...more,
});

const deployment: Object = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'api' } },
    template: {
      metadata: { labels: { app: 'api' } },
      spec: { containers: [{ name: 'main', image: 'x' }] },
    },
  },
};

async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return `${error.status} ${error.reason}: ${error.message.replace(/^.* with \d+: /, '')}`;
  }
}

/** An object's own words, and which of the server's are there. */
function shape(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  const { apiVersion, kind, metadata, data } = answer as Object;
  const { name, labels, generation } = metadata ?? {};
  const has = ['uid', 'resourceVersion', 'creationTimestamp', 'namespace'].filter(
    (field) => field in (metadata ?? {}),
  );
  return { apiVersion, kind, name, labels, generation, data, has };
}

const versionOf = (answer: unknown): string => (answer as Object).metadata?.resourceVersion ?? '';

/** Objects: made, changed, in conflict, tried, removed. */
async function changes(kube: KubeClient): Promise<readonly Told[]> {
  const told: Told[] = [];
  const call = async (name: string, work: Promise<unknown>): Promise<unknown> => {
    const answer = await outcome(work);
    told.push([name, shape(answer)]);
    return answer;
  };
  const maps = `${core}/configmaps`;
  const one = `${maps}/one`;
  const made = await call('create', kube.create(maps, configMap('one')));
  await call('create again', kube.create(maps, configMap('one')));
  const elsewhere = maps.replace(namespace, 'nowhere');
  await call('create in no namespace', kube.create(elsewhere, configMap('one')));
  const other = { metadata: { name: 'two', namespace: 'default' } };
  await call('create of another namespace', kube.create(maps, configMap('two', other)));
  await call('get', kube.get(one));
  await call('get of nothing', kube.get(`${maps}/none`));
  await call('get of an unknown resource', kube.get(`${core}/gadgets/none`));
  const same = await call('patch of nothing new', kube.patch(one, { data: { a: '1' } }));
  told.push(['the version stays', versionOf(same) === versionOf(made)]);
  const patched = await call('patch', kube.patch(one, { data: { b: '2', a: null } }));
  told.push(['the version grows', Number(versionOf(patched)) > Number(versionOf(made))]);
  const stale = { metadata: { resourceVersion: versionOf(made) }, data: { a: '3' } };
  await call('patch from an old version', kube.patch(one, stale));
  await call('patch of nothing', kube.patch(`${maps}/none`, { data: { a: '1' } }));
  const applied = JSON.stringify(configMap('one', { data: { c: '3' } }));
  const tried = { dryRun: 'All', force: true, fieldManager: 'test' };
  await call('apply that is tried', kube.apply(one, applied, tried));
  await call('get after that', kube.get(one));
  await call('apply', kube.apply(one, applied, { force: true, fieldManager: 'test' }));
  const old = JSON.stringify(configMap('one', stale));
  await call('apply without a manager', kube.apply(one, applied, {}));
  const query = { force: true, fieldManager: 'test' };
  await call('apply from an old version', kube.apply(one, old, query));
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: three}\ndata: {a: "1"}\n';
  await call('apply of something new', kube.apply(`${maps}/three`, yaml, query));
  await call('delete', kube.delete(one));
  await call('delete of nothing', kube.delete(one));
  await call('create of a deployment', kube.create(`${apps}/deployments`, deployment));
  const api = `${apps}/deployments/api`;
  await call('patch of its labels', kube.patch(api, { metadata: { labels: { a: 'b' } } }));
  await call('patch of its spec', kube.patch(api, { spec: { minReadySeconds: 1 } }));
  return told;
}

/** The lock of a release, as two jobs meet over it. */
async function contest(kube: KubeClient): Promise<readonly Told[]> {
  const told: Told[] = [];
  const spec = { holderIdentity: 'one', leaseDurationSeconds: 20 };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lock' } };
  const made = await kube.create<Object>(leases, { ...lease, spec });
  const from = (object: Object, holderIdentity: string) =>
    outcome(
      kube.patch(`${leases}/lock`, {
        metadata: { resourceVersion: versionOf(object) },
        spec: { holderIdentity },
      }),
    );
  const taken = (await from(made, 'two')) as Object;
  told.push(['taken', taken['spec']]);
  told.push(['renewed from the old version', await from(made, 'one')]);
  told.push(['renewed', ((await from(taken, 'two')) as Object)['spec']]);
  return told;
}

/** Lists in pages, and by labels. */
async function lists(kube: KubeClient): Promise<readonly Told[]> {
  const told: Told[] = [];
  const secrets = `${core}/secrets`;
  const secret = (name: string, labels: object): Object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { ...labels, made: 'here' } },
  });
  await kube.create(secrets, secret('a', { app: 'a' }));
  await kube.create(secrets, secret('b', { app: 'b' }));
  await kube.create(secrets, secret('c', {}));
  interface Page {
    kind: string;
    metadata: { continue?: string; remainingItemCount?: number; resourceVersion: string };
    items: Object[];
  }
  const summary = ({ kind, metadata, items }: Page): unknown => ({
    kind,
    goesOn: metadata.continue !== undefined,
    left: metadata.remainingItemCount,
    items: items.map((item) => [item.metadata?.name, item.kind]),
  });
  const selected = { labelSelector: 'made=here' };
  const page = await kube.get<Page>(secrets, { ...selected, limit: 2 });
  told.push(['first page', summary(page)]);
  const again = { ...selected, limit: 2, continue: page.metadata.continue };
  const rest = await kube.get<Page>(secrets, again);
  told.push(['second page', summary(rest)]);
  told.push(['one version', rest.metadata.resourceVersion === page.metadata.resourceVersion]);
  for (const labelSelector of ['app=a', 'app in (a,b)', 'app notin (a)', '!app', 'app!=a,app'])
    told.push([
      labelSelector,
      (await kube.list<Object>(secrets, { labelSelector: `made=here,${labelSelector}` })).map(
        ({ metadata }) => metadata?.name,
      ),
    ]);
  const fieldSelector = 'metadata.name=b';
  const named = await kube.list<Object>(secrets, { fieldSelector });
  told.push([fieldSelector, named.map(({ metadata }) => metadata?.name)]);
  const senseless = (await outcome(kube.list(secrets, { labelSelector: 'a ==== b' }))) as string;
  told.push(['no selector', senseless.replace(/:(?! unable).*/, '')]);
  const access = { verb: 'get', group: '', resource: 'secrets', namespace };
  told.push(['access', await mayAccess(kube, access)]);
  return told;
}

/** Watches: from a version, by labels, from one that nobody knows any more. */
async function watches(kube: KubeClient): Promise<readonly Told[]> {
  const told: Told[] = [];
  const maps = `${core}/configmaps`;
  const { resourceVersion } = await kube.listAt(maps);
  await kube.create(maps, configMap('seen'));
  const watch = async (query: Record<string, string>, count: number): Promise<unknown> => {
    const seen: string[] = [];
    const stop = AbortSignal.timeout(10_000);
    for await (const { type, object } of kube.watch<Object>(maps, query, stop)) {
      if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata?.name ?? ''}`);
      if (seen.length === count) break;
    }
    return seen;
  };
  // Controllers put their own objects into a new namespace.
  const all = watch({ resourceVersion, labelSelector: 'made=here' }, 4);
  const some = watch({ resourceVersion, labelSelector: 'only=this' }, 2);
  await kube.patch(`${maps}/seen`, { metadata: { labels: { only: 'this' } } });
  await kube.patch(`${maps}/seen`, { metadata: { labels: { only: null } } });
  await kube.delete(`${maps}/seen`);
  told.push(['all', await all], ['some', await some]);
  const ending = { resourceVersion: (await kube.listAt(maps)).resourceVersion };
  // How many bookmarks come is up to the server.
  told.push(['until its time is over', await watch({ ...ending, timeoutSeconds: '3' }, 1)]);
  // The server knows of widgets only since they were defined.
  const widgets = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
  const old = kube.watch<Object>(widgets, { resourceVersion: '1' }, AbortSignal.timeout(10_000));
  const expired = (await outcome(old[Symbol.asyncIterator]().next())) as string;
  told.push(['from long ago', expired.replace(/\d+ \(\d+\)/, '1 (2)')]);
  return told;
}

test.each([
  ['objects', changes],
  ['a lock', contest],
  ['lists', lists],
  ['watches', watches],
])(
  'the API server in memory answers as a real one does: %s',
  async (_, script) => {
    const widget = { group, version: 'v1', kind: 'Widget', resource: 'widgets' };
    const traits = { namespaced: true, status: false, generation: true };
    const kinds = [{ ...widget, ...traits }];
    const fake = fakeApiServer({ clock: systemClock, namespaces: [namespace], kinds });
    // The version with which a real server begins is long past.
    fake.forgetHistory();
    expect(await script(fake.client())).toEqual(await script(real));
  },
  60_000,
);
