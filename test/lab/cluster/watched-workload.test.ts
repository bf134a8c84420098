import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { WorkloadRef } from '@slipway/kube';
import { observeRollouts, type RolloutObserver } from '@slipway/rollout';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { openLabNamespace, type LabNamespace } from '../../rollout/lab-namespace.ts';
import { useLab } from '../lab.ts';
import { eventually } from './kubectl.ts';

jest.setTimeout(180_000);

const labels = { app: 'api' };
const template = (image: string) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image }] },
});
const kinds = ['deployment', 'statefulset', 'daemonset', 'job'] as const;
const group = { deployment: 'apps', statefulset: 'apps', daemonset: 'apps', job: 'batch' };
const nowhere = { 'slipway.test/nowhere': 'true' };

let place: LabNamespace;
let observer: RolloutObserver;

const pathOf = (kind: (typeof kinds)[number], name = ''): string =>
  `/apis/${group[kind]}/v1/namespaces/${place.namespace}/${kind}s${name}`;
const refOf = (kind: (typeof kinds)[number]): WorkloadRef => ({
  ...{ kind, name: 'api', namespace: place.namespace },
});

/** A workload of each kind that can have no pod: none is wanted, or no node is fit for it. */
async function createAll(): Promise<void> {
  const { kube } = place;
  const metadata = { name: 'api' };
  const selector = { matchLabels: labels };
  const spec = { selector, template: template('one.test/api:1') };
  await kube.create(pathOf('deployment'), {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    spec: { ...spec, replicas: 0 },
  });
  await kube.create(pathOf('statefulset'), {
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata },
    spec: { ...spec, replicas: 0, serviceName: 'api' },
  });
  const unfit = { ...template('one.test/api:1').spec, nodeSelector: nowhere };
  await kube.create(pathOf('daemonset'), {
    ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata },
    spec: { selector, template: { metadata: { labels }, spec: unfit } },
  });
  await kube.create(pathOf('job'), {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata },
    spec: { suspend: true, template: { spec: { ...unfit, restartPolicy: 'Never' } } },
  });
}

beforeAll(async () => {
  place = await openLabNamespace(await useLab(), 'watched-workload');
  await createAll();
  observer = observeRollouts(
    {
      client: place.kube,
      clock: systemClock,
      log: fakeLog(),
      signal: new AbortController().signal,
    },
    { refs: kinds.map(refOf), wholeNamespace: true, watched: true },
  );
  // The second look rests on the watches.
  await observer.look();
  await eventually(
    async () => {
      await observer.look();
      return kinds.map((kind) => observer.state(refOf(kind)).workload?.revision);
    },
    (revisions) => revisions.every((revision) => revision !== undefined),
  );
});

afterAll(async () => {
  await observer.stop();
  await place.close();
});

const imageIn = (kind: (typeof kinds)[number]): (string | undefined)[] =>
  observer
    .recording(refOf(kind))
    .flatMap((one) =>
      one.kind === 'workload' ? [one.workload?.template?.containers[0]?.image] : [],
    );

test.each(['deployment', 'statefulset', 'daemonset'] as const)(
  'a %s is seen in each state that it goes through, with nobody looking',
  async (kind) => {
    const { kube } = place;
    const before = observer.state(refOf(kind)).workload?.revision;
    for (const image of ['one.test/api:2', 'one.test/api:1'])
      await kube.patch(pathOf(kind, '/api'), {
        spec: {
          template: { spec: { containers: [{ name: 'main', image }] } },
        },
      });
    await eventually(
      () => Promise.resolve(imageIn(kind)),
      (images) => images.includes('one.test/api:2') && images.at(-1) === 'one.test/api:1',
    );
    // The revision is that of the objects beside it, as a whole reading gives it.
    const revision = await eventually(
      () => Promise.resolve(observer.state(refOf(kind)).workload?.revision),
      (now) => now === before,
    );
    expect(revision).toBeDefined();
  },
);

test('a job that is deleted is gone, with nobody looking', async () => {
  await place.kube.delete(pathOf('job', '/api'));
  await eventually(
    () => Promise.resolve(observer.state(refOf('job')).workload),
    (workload) => workload === undefined,
  );
  expect(observer.state(refOf('job')).workload).toBeUndefined();
});
