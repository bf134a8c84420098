import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as realPause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { archive } from '@slipway/archive';
import {
  readRenderInputs,
  upgradeRelease,
  type UpgradePlan,
  type UpgradeResult,
} from '../../src/index.ts';
import { manifestOf, releaseScene, type ReleaseScene } from '../release-scene.ts';

let folder: string;
let scene: ReleaseScene;
let values: string;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'recognition-'));
  await fs.mkdir(path.join(folder, 'templates'));
  await write('Chart.yaml', 'apiVersion: v2\nname: app\nversion: 1.0.0\n');
  await write('templates/all.yaml', 'image: {{ .Values.image }}');
  values = path.join(folder, '..', `${path.basename(folder)}.values.yaml`);
  await fs.writeFile(values, 'image: good:1\n');
  scene = releaseScene();
  scene.helm.setChart(folder, { manifest: manifestOf('good:1') });
});
afterEach(async () => {
  await fs.rm(folder, { recursive: true, force: true });
  await fs.rm(values, { force: true });
});

async function write(name: string, content: string | Uint8Array): Promise<void> {
  await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await fs.writeFile(path.join(folder, name), content);
}

/** Moves the scene's time on slowly: the chart is read from the disk of this machine meanwhile. */
async function finish<T>(work: Promise<T>): Promise<T> {
  const ended = { yet: false };
  const end = (): void => {
    ended.yet = true;
  };
  work.then(end, end);
  while (!ended.yet) {
    await realPause(5);
    await scene.clock.advance(250);
  }
  return await work;
}

async function upgrade(more: Partial<UpgradePlan> = {}): Promise<UpgradeResult> {
  const { plan } = scene.request();
  const own = { ...plan, chart: folder, valueFiles: [values], ...more };
  return await finish(
    upgradeRelease(scene.ports, scene.request({ plan: own, readInputs: readRenderInputs })),
  );
}

/** How often Helm rendered and upgraded while `work` was done. */
async function helmRuns(work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = scene.helm.commands.length;
  await work();
  return scene.helm.commands.slice(before);
}

/** A packaged chart with these files. */
async function packed(name: string, files: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([file, content]) => ({
    path: `${name}/${file}`,
    content: Buffer.from(content),
    mode: 0o644,
  }));
  return Buffer.from(
    await archive(entries, { format: 'tar.gz', mtimeSeconds: Math.round(performance.now()) }),
  );
}

const rendered = ['upgrade --dry-run'];

describe('an unchanged release', () => {
  test('is recognized by chart, values and Helm, and only compared with the cluster', async () => {
    await upgrade();
    const before = scene.server.requests.length;
    const runs = await helmRuns(async () =>
      expect(await upgrade()).toMatchObject({ outcome: 'unchanged', revision: 1, changed: false }),
    );
    expect(runs).toEqual([]);
    expect(scene.server.requests.length - before).toBeLessThanOrEqual(15);
  });

  test('is recognized after an upgrade as after an install, and after a change was taken back', async () => {
    await upgrade();
    await fs.writeFile(values, 'image: good:2\n');
    scene.helm.setChart(folder, { manifest: manifestOf('good:2') });
    expect(await upgrade()).toMatchObject({ outcome: 'deployed', revision: 2 });
    expect(await helmRuns(upgrade)).toEqual([]);
    await fs.writeFile(values, 'image: good:1\n');
    scene.helm.setChart(folder, { manifest: manifestOf('good:1') });
    expect(await upgrade()).toMatchObject({ outcome: 'deployed', revision: 3 });
  });

  test('that is ill is told so, though it is recognized', async () => {
    await upgrade();
    const deployment = '/apis/apps/v1/namespaces/shop/deployments/api';
    for (const pod of scene.server.objects('Pod', 'shop')) scene.server.remove(pod);
    scene.server.put({
      ...scene.server.object(deployment),
      status: {
        ...{ observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 0 },
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
    } as never);
    const runs = await helmRuns(async () =>
      expect(await upgrade()).toMatchObject({ outcome: 'failed', changed: false }),
    );
    expect(runs).toEqual([]);
  });
});

describe('what a release is rendered from is not the same', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['with another template', () => write('templates/all.yaml', 'image: {{ .Values.images }}')],
    ['with a new file', () => write('templates/more.yaml', 'a: b')],
    ['with another file that templates may read', () => write('conf/app.toml', 'a = 1')],
    ['with another value', () => fs.writeFile(values, 'image: good:1\nmore: 1\n')],
  ])('%s, and it is rendered', async (_, change) => {
    await upgrade();
    await change();
    expect(await helmRuns(upgrade)).toEqual(rendered);
  });

  test.each<[string, Partial<UpgradePlan>]>([
    ['CRDs that are to be compared', { crds: 'upgrade' }],
    ['a post-renderer', { postRenderer: { program: '/bin/cat', args: [] } }],
    ['hooks left out', { hooks: false }],
    ['no values', { valueFiles: [] }],
  ])('with %s, and it is rendered', async (_, more) => {
    await upgrade();
    const runs = await helmRuns(() => upgrade(more).catch(() => undefined));
    expect(runs[0]).toBe('upgrade --dry-run');
  });

  test('with another Helm, and it is rendered', async () => {
    await upgrade();
    scene.helm.tool.version = '4.2.4';
    expect(await helmRuns(upgrade)).toEqual(rendered);
  });

  test('for templates that ask the cluster, the clock or chance, and it is rendered each time', async () => {
    await write('templates/all.yaml', '{{ lookup "v1" "Secret" "shop" "x" }}');
    await upgrade();
    expect(await helmRuns(upgrade)).toEqual(rendered);
  });

  test('for a template of a packed subchart that does, and it is rendered each time', async () => {
    await write(
      'charts/sub-1.0.0.tgz',
      await packed('sub', { 'Chart.yaml': 'name: sub', 'templates/a.yaml': '{{ uuidv4 }}' }),
    );
    await upgrade();
    expect(await helmRuns(upgrade)).toEqual(rendered);
  });

  test('for values that are a template and ask the clock, and it is rendered each time', async () => {
    await write('templates/all.yaml', '{{ tpl .Values.note . }}');
    await fs.writeFile(values, "note: '{{ now }}'\n");
    await upgrade();
    expect(await helmRuns(upgrade)).toEqual(rendered);
  });
});

test('the same subchart packed at another time is the same', async () => {
  const sub = { 'Chart.yaml': 'name: sub', 'templates/a.yaml': 'a: {{ .Values.a }}' };
  await write('charts/sub-1.0.0.tgz', await packed('sub', sub));
  await upgrade();
  const other = await packed('sub', sub);
  other.writeUInt32LE(77, 4);
  await write('charts/sub-1.0.0.tgz', other);
  expect(await helmRuns(upgrade)).toEqual([]);
});

test('what somebody changed in the cluster is mended after a render, as ever', async () => {
  await upgrade();
  const settings = '/api/v1/namespaces/shop/configmaps/settings';
  scene.server.put({ ...scene.server.object(settings), data: { image: 'bad' } } as never);
  const runs = await helmRuns(async () =>
    expect(await upgrade()).toMatchObject({
      outcome: 'deployed',
      differences: ['ConfigMap/settings differs at data.image'],
    }),
  );
  expect(runs).toEqual(['upgrade --dry-run', 'upgrade']);
});

test('a fingerprint on a revision that is rendered from something else tells nothing', async () => {
  await upgrade();
  const secrets = (): readonly { metadata: object }[] => scene.server.objects('Secret', 'shop');
  const [first] = secrets() as readonly { metadata: { annotations?: object } }[];
  expect(first?.metadata.annotations).toEqual({
    'slipway.dev/fingerprint': expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  // What `helm upgrade` by hand makes of the same chart and values, with the note of the revision before.
  scene.helm.setChart(folder, { manifest: manifestOf('good:9') });
  await fs.writeFile(path.join(folder, 'by-hand'), '');
  await upgrade();
  await fs.rm(path.join(folder, 'by-hand'));
  scene.helm.setChart(folder, { manifest: manifestOf('good:1') });
  const newest = scene.server.object(
    '/api/v1/namespaces/shop/secrets/sh.helm.release.v1.api.v2',
  ) as unknown as { metadata: object };
  scene.server.put({
    ...newest,
    metadata: { ...newest.metadata, annotations: first?.metadata.annotations },
  } as never);
  expect(await upgrade()).toMatchObject({ outcome: 'deployed', revision: 3 });
});

test('a fingerprint that may not be noted is left out', async () => {
  scene.server.forbid('patch', 'secrets');
  expect(await upgrade()).toMatchObject({ outcome: 'deployed' });
  expect(await helmRuns(upgrade)).toEqual(rendered);
});

test('objects and lists of kinds are read once before the first change', async () => {
  await write('templates/all.yaml', '{{ uuidv4 }}');
  await upgrade();
  const settings = '/api/v1/namespaces/shop/configmaps/settings';
  scene.server.put({ ...scene.server.object(settings), data: { image: 'bad' } } as never);
  const asked = [
    { verb: 'discover', path: /\/api\/v1$/ },
    { verb: 'get', path: /\/configmaps\/settings$/ },
  ] as const;
  const before = asked.map((one) => scene.server.count(one));
  expect(await upgrade()).toMatchObject({ outcome: 'deployed' });
  expect(asked.map((one, at) => scene.server.count(one) - (before[at] ?? 0))).toEqual([1, 1]);
});

describe('a Helm that is looked for while the lock is taken', () => {
  const lease = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/slipway-api';

  test('and found later upgrades as one that was there', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof scene.helm>();
    const end = scene.server.onChange(({ object }) => {
      if (object.kind !== 'Lease') return;
      end();
      resolve(scene.helm);
    });
    const { plan } = scene.request();
    const own = scene.request({ plan: { ...plan, chart: folder } });
    const upgraded = upgradeRelease({ ...scene.ports, helm: promise }, own);
    expect(await finish(upgraded)).toMatchObject({ outcome: 'deployed', revision: 1 });
  });

  test('and is not there ends it with its own error, and leaves no lock', async () => {
    const missing = new Error('There is no helm.');
    const helm = Promise.reject<typeof scene.helm>(missing);
    const upgraded = upgradeRelease({ ...scene.ports, helm }, scene.request());
    await expect(finish(upgraded)).rejects.toBe(missing);
    expect(scene.server.object(lease)).toBeUndefined();
  });

  test('and is not there ends it also while another job holds the lock', async () => {
    const held = { holderIdentity: 'other', leaseDurationSeconds: 20 };
    const renewTime = new Date(scene.clock.now()).toISOString();
    scene.server.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'slipway-api', namespace: 'shop' },
      spec: { ...held, renewTime },
    } as never);
    const startedMs = scene.clock.now();
    const missing = new Error('There is no helm.');
    const helm = Promise.reject<typeof scene.helm>(missing);
    const upgraded = upgradeRelease({ ...scene.ports, helm }, scene.request());
    await expect(finish(upgraded)).rejects.toBe(missing);
    expect(scene.clock.now() - startedMs).toBeLessThan(5_000);
    expect(scene.server.object(lease)).toMatchObject({ spec: { holderIdentity: 'other' } });
  });
});
