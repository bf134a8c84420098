import { describe, expect, test } from '@jest/globals';
import { ActionError } from '@slipway/runtime';
import {
  finishInterrupted,
  UnfinishedUpgradeError,
  upgradeRelease,
  type InterruptedResult,
  type Operation,
  type UpgradeResult,
} from '../src/index.ts';
import {
  anotherJob,
  leftPending,
  manifestOf,
  releaseScene,
  whenRevision,
  type ReleaseScene,
} from './release-scene.ts';

const lease = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/slipway-api';
const deployment = '/apis/apps/v1/namespaces/shop/deployments/api';
const secrets = /\/secrets$/;
const away = { code: 504, reason: 'Timeout', message: 'request did not complete in time' };

function upgrade(scene: ReleaseScene, more = {}): Promise<UpgradeResult> {
  return scene.finish(upgradeRelease(scene.ports, scene.request(more)));
}

/** A release of revision 1 that serves. */
async function installed(): Promise<ReleaseScene> {
  const scene = releaseScene();
  await upgrade(scene);
  return scene;
}

/** The error with which an upgrade ends, and the operation that was noted. */
async function cutOff(
  scene: ReleaseScene,
): Promise<{ error: unknown; begun: readonly Operation[] }> {
  const begun: Operation[] = [];
  const onBegin = (operation: Operation): void => void begun.push(operation);
  const error: unknown = await upgrade(scene, { onBegin }).catch((caught: unknown) => caught);
  return { error, begun };
}

/** An upgrade that is finished by another process. */
async function finishedBy(
  scene: ReleaseScene,
  begun: readonly Operation[],
): Promise<InterruptedResult> {
  const [operation] = begun;
  if (operation === undefined) throw new Error('The upgrade had not begun.');
  return await scene.finish(finishInterrupted(anotherJob(scene).ports, operation));
}

describe('an upgrade', () => {
  test('installs a release, waits until it serves, and lets the lock go', async () => {
    const scene = releaseScene();
    const result = await upgrade(scene);
    expect(result).toMatchObject({
      outcome: 'deployed',
      status: 'deployed',
      revision: 1,
      changed: true,
      reason: '',
      attempts: 1,
    });
    expect(result.parts.map(({ name }) => name)).toEqual([
      ...['Lock', 'Render', 'Compare', 'Trial', 'Upgrade'],
    ]);
    expect(scene.server.object(lease)).toBeUndefined();
    expect(scene.helm.commands).toEqual(['upgrade --dry-run', 'upgrade']);
  });

  test('does nothing when nothing differs and all is well', async () => {
    const scene = await installed();
    const begun: Operation[] = [];
    const onBegin = (operation: Operation): void => void begun.push(operation);
    expect(await upgrade(scene, { onBegin })).toMatchObject({
      outcome: 'unchanged',
      revision: 1,
      changed: false,
      attempts: 0,
    });
    expect(begun).toEqual([]);
    expect(await scene.history()).toEqual(['1 deployed']);
  });

  test('tells that an unchanged release is ill', async () => {
    const scene = await installed();
    for (const pod of scene.server.objects('Pod', 'shop'))
      scene.server.put({
        ...pod,
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False' }],
          containerStatuses: [
            {
              ...{ name: 'main', ready: false, restartCount: 5, image: 'good:1', imageID: '' },
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
              lastState: { terminated: { exitCode: 1 } },
            },
          ],
        },
      } as never);
    scene.server.put({
      ...scene.server.object(deployment),
      status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 0 },
    } as never);
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'failed',
      changed: false,
      attempts: 0,
      reason: expect.stringContaining('the release is unchanged but not healthy'),
      cause: { reason: 'CrashLoopBackOff' },
    });
  });

  test('notes what another process needs to undo it, before Helm begins', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    let commands = 0;
    const begun: Operation[] = [];
    const onBegin = (operation: Operation): void => {
      begun.push(operation);
      commands = scene.helm.commands.filter((command) => command === 'upgrade').length;
    };
    expect(await upgrade(scene, { onBegin })).toMatchObject({
      outcome: 'deployed',
      revision: 2,
      previousRevision: 1,
      differences: ['Deployment/api changes', 'ConfigMap/settings changes'],
    });
    expect(begun).toMatchObject([{ before: 1, target: 1, owner: 'this-job' }]);
    expect(Object.keys(begun[0]?.revisions ?? {})).toEqual(['shop/deployment/api']);
    expect(commands).toBe(1);
    expect(await scene.history()).toEqual(['2 deployed', '1 superseded']);
  });

  test.each([
    ['missing:2', 'ImagePullBackOff'],
    ['crash:2', 'CrashLoopBackOff'],
  ])('with the image %s is given up, and rolled back with proof', async (image, reason) => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf(image) });
    const startMs = scene.clock.now();
    const result = await upgrade(scene);
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      status: 'deployed',
      revision: 3,
      previousRevision: 1,
      rolledBack: true,
      proven: true,
      cause: { reason },
    });
    expect(scene.clock.now() - startMs).toBeLessThan(30_000);
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
    expect(scene.server.object(lease)).toBeUndefined();
  });

  test('reads the pods of its namespace in one request, however many there are', async () => {
    const scene = await installed();
    for (let index = 0; index < 300; index += 1)
      scene.server.put({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `other-${index}`, namespace: 'shop', labels: { app: 'other' } },
      });
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    const pods = { verb: 'list', path: /\/pods$/ } as const;
    const before = scene.server.count(pods);
    expect(await upgrade(scene)).toMatchObject({ outcome: 'deployed' });
    expect(scene.server.count(pods) - before).toBe(1);
  });

  test('that never becomes ready is given up at the end of its time', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('slow:2') });
    const result = await upgrade(scene, { timeoutMs: 60_000 });
    expect(result.outcome).toBe('rolled-back');
    expect(result.reason).toContain('not ready within 1m 00s (deployment/api: ');
  });

  test('that fails on the first install is taken away again', async () => {
    const scene = releaseScene();
    scene.helm.setChart('app', { manifest: manifestOf('missing:1') });
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'uninstalled',
      status: 'uninstalled',
      proven: true,
    });
    expect(await scene.history()).toEqual([]);
    expect(scene.server.object(deployment)).toBeUndefined();
  });

  test('is tried again after a passing failure, and recovers what that left', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    scene.helm.failNext('upgrade', 'Error: UPGRADE FAILED: etcdserver: leader changed', 'applied');
    expect(await upgrade(scene)).toMatchObject({ outcome: 'deployed', attempts: 2, revision: 3 });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });

  test('that Helm refuses before it makes a revision has changed nothing', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    scene.helm.failNext('upgrade', 'Error: UPGRADE FAILED: no');
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'failed',
      changed: false,
      rolledBack: false,
      reason: 'no',
      attempts: 1,
    });
  });

  test('that cannot be undone says why, and leaves nothing pending', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('missing:2') });
    scene.helm.failNext('rollback', 'Error: no rights');
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'failed',
      status: 'failed',
      revision: 2,
      changed: true,
      rolledBack: false,
      doubts: expect.stringContaining('no rights'),
    });
  });

  test('recovers at once what a dead holder of the lock left pending', async () => {
    const scene = await installed();
    await leftPending(scene, 'dead-job');
    expect(await scene.history()).toEqual(['2 pending-upgrade', '1 deployed']);
    scene.helm.setChart('app', { manifest: manifestOf('good:3') });
    const startMs = scene.clock.now();
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'deployed',
      revision: 3,
      recovered: 2,
    });
    expect(scene.clock.now() - startMs).toBeLessThan(60_000);
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });
});

describe('what stops an upgrade before its first change', () => {
  test.each([
    { side: 'server', more: {}, verb: 'apply' },
    { side: 'client', more: { clientSide: true }, verb: 'patch' },
  ] as const)(
    'is thrown as it is, with nothing begun and the lock let go ($side side)',
    async ({ more, verb }) => {
      const scene = releaseScene();
      scene.helm.setChart('app', { manifest: manifestOf('good:1'), ...more });
      await upgrade(scene);
      scene.helm.setChart('app', { manifest: manifestOf('good:2'), ...more });
      scene.server.fault(
        { verb, path: /configmaps\/settings$/ },
        {
          kind: 'refusal',
          refusal: { code: 422, reason: 'Invalid', message: 'ConfigMap "settings" is invalid' },
        },
        Number.POSITIVE_INFINITY,
      );
      const { error, begun } = await cutOff(scene);
      expect(error).toBeInstanceOf(ActionError);
      expect(error).not.toBeInstanceOf(UnfinishedUpgradeError);
      expect(error).toMatchObject({ title: 'Nothing was changed' });
      expect(begun).toEqual([]);
      expect(await scene.history()).toEqual(['1 deployed']);
      expect(scene.server.object(lease)).toBeUndefined();
    },
  );
});

describe('what ends an upgrade after its first change', () => {
  test('is no failure when only the history cannot be read once all serves', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    whenRevision(scene, '2 deployed', () =>
      scene.server.fault(
        { verb: 'list', path: secrets },
        { kind: 'refusal', refusal: away },
        Number.POSITIVE_INFINITY,
      ),
    );
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'deployed',
      status: 'deployed',
      revision: 2,
      changed: true,
    });
  });

  test('is told as unfinished when nothing can be undone, and finished by the next process', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('missing:2') });
    whenRevision(scene, '2 failed', () =>
      scene.server.fault({ verb: 'list', path: secrets }, { kind: 'refusal', refusal: away }, 1),
    );
    const { error, begun } = await cutOff(scene);
    expect(error).toBeInstanceOf(UnfinishedUpgradeError);
    expect(error).toMatchObject({
      takenBy: undefined,
      operation: begun[0],
      message: expect.stringContaining('request did not complete in time'),
      next: expect.stringContaining('helm history api -n shop'),
    });
    expect(scene.server.object(lease)).toMatchObject({ spec: { holderIdentity: 'this-job' } });
    expect(await finishedBy(scene, begun)).toMatchObject({
      did: 'undone',
      undone: { outcome: 'rolled-back', proven: true },
    });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
    expect(scene.server.object(lease)).toBeUndefined();
  });

  test('is told as unfinished when another job takes the lock, which is left to it', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('slow:2') });
    whenRevision(scene, '2 pending-upgrade', () =>
      scene.server.put({
        ...scene.server.object(lease),
        spec: { holderIdentity: 'other-job', renewTime: new Date(scene.clock.now()).toISOString() },
      } as never),
    );
    const { error } = await cutOff(scene);
    expect(error).toBeInstanceOf(UnfinishedUpgradeError);
    expect(error).toMatchObject({
      takenBy: 'other-job',
      title: 'The lock was lost',
      message: 'other-job took over the release api while this job worked on it.',
    });
    expect(scene.helm.commands).not.toContain('rollback');
    expect(scene.server.object(lease)).toMatchObject({ spec: { holderIdentity: 'other-job' } });
  });

  test('is the reason of the cancel, and the lock stays for the process that finishes', async () => {
    const scene = await installed();
    scene.helm.setChart('app', { manifest: manifestOf('slow:2') });
    const reason = new Error('cancelled');
    whenRevision(scene, '2 pending-upgrade', () => scene.cancel.abort(reason));
    const { error, begun } = await cutOff(scene);
    expect(error).toBe(reason);
    expect(scene.server.object(lease)).toMatchObject({ spec: { holderIdentity: 'this-job' } });
    expect(await finishedBy(scene, begun)).toMatchObject({ did: 'undone' });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });
});
