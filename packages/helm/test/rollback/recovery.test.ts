import { describe, expect, test } from '@jest/globals';
import { finishInterrupted, openReleaseStore } from '../../src/index.ts';
import { recoverPending } from '../../src/release/index.ts';
import { anotherJob, leftPending, releaseScene, type ReleaseScene } from '../release-scene.ts';
import { install, twoRevisions } from './rolled-back.ts';

describe('what a process that died left', () => {
  test('is rolled back when it was pending', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = await leftPending(scene, 'this-job');
    expect(await scene.finish(finishInterrupted(scene.ports, operation))).toMatchObject({
      did: 'undone',
      undone: { outcome: 'rolled-back', status: 'deployed', revision: 3, proven: true },
    });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });

  test('is kept when it is deployed and serves', async () => {
    const scene = await twoRevisions();
    const operation = { ...(await leftPending(await twoRevisions(), 'this-job')), before: 1 };
    const finished = finishInterrupted(scene.ports, operation);
    expect(await scene.finish(finished)).toEqual({ did: 'kept' });
    expect(await scene.history()).toEqual(['2 deployed', '1 superseded']);
  });

  test('is rolled back when it is deployed and does not serve', async () => {
    const scene = await twoRevisions();
    const operation = { ...(await leftPending(await twoRevisions(), 'this-job')), before: 1 };
    const path = '/apis/apps/v1/namespaces/shop/deployments/api';
    const found = scene.server.object(path);
    const status = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 0 };
    scene.server.put({ ...found, status } as never);
    const finished = finishInterrupted(scene.ports, { ...operation, target: 1, revisions: {} });
    expect(await scene.finish(finished)).toMatchObject({
      did: 'undone',
      undone: { outcome: 'rolled-back', revision: 3 },
    });
  });

  test('is nothing when Helm had not begun', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = { ...(await leftPending(await twoRevisions(), 'this-job')), before: 1 };
    const finished = finishInterrupted(scene.ports, operation);
    expect(await scene.finish(finished)).toEqual({ did: 'nothing' });
  });

  test('is left to another job that works on the release by now', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = await leftPending(scene, 'this-job');
    const { ports } = anotherJob(scene);
    scene.server.put({
      ...scene.server.object('/apis/coordination.k8s.io/v1/namespaces/shop/leases/slipway-api'),
      spec: { holderIdentity: 'other-job', leaseDurationSeconds: 3_600, renewTime: renewed(scene) },
    } as never);
    await expect(scene.finish(finishInterrupted(ports, operation))).rejects.toThrow(
      'is being worked on by other-job, which is alive',
    );
    expect(await scene.history()).toEqual(['2 pending-upgrade', '1 deployed']);
  });
});

function renewed(scene: ReleaseScene): string {
  return new Date(scene.clock.now()).toISOString();
}

describe('a pending revision', () => {
  async function pending(): Promise<ReleaseScene> {
    const scene = releaseScene();
    await install(scene, 'good:1');
    await leftPending(scene, 'dead-job');
    return scene;
  }
  const recover = (
    scene: ReleaseScene,
    ours: boolean,
    waitMs = 0,
    isCarriedOut?: () => Promise<boolean>,
  ) =>
    recoverPending(scene.ports, openReleaseStore(scene.ports.kube, 'api', 'shop'), {
      ours,
      ...(isCarriedOut === undefined ? {} : { isCarriedOut }),
      deadlineMs: scene.clock.now() + waitMs,
    });

  test('of a dead holder of the lock is marked failed at once', async () => {
    const scene = await pending();
    const { history, recovered } = await scene.finish(recover(scene, true));
    expect(recovered).toBe(2);
    expect(history[0]).toMatchObject({
      status: 'failed',
      record: { info: { description: 'Failed: left pending-upgrade by a job that died' } },
    });
  });

  test('of another Helm is recovered when nothing has been left to do for it for 15 s', async () => {
    const scene = await pending();
    const beganMs = scene.clock.now();
    const { recovered } = await scene.finish(
      recover(scene, false, 60_000, () => Promise.resolve(scene.clock.now() - beganMs >= 10_000)),
    );
    expect(recovered).toBe(2);
    expect(scene.clock.now() - beganMs).toBeGreaterThanOrEqual(25_000);
  });

  test('of another Helm is waited for, to the end of the time', async () => {
    const scene = await pending();
    await expect(scene.finish(recover(scene, false, 30_000))).rejects.toMatchObject({
      title: 'Release is pending',
      message: expect.stringContaining('Another Helm holds revision 2 of api'),
    });
    expect(await scene.history()).toEqual(['2 pending-upgrade', '1 deployed']);
  });

  test('of another Helm is taken for left behind after ten minutes', async () => {
    const scene = await pending();
    const { recovered } = await scene.finish(recover(scene, false, 900_000));
    expect(recovered).toBe(2);
  });

  test('that changes while it is marked is read again', async () => {
    const scene = await pending();
    const conflict = { code: 409, reason: 'Conflict', message: 'the object has been modified' };
    scene.server.fault(
      { verb: 'patch', path: /\/secrets\// },
      { kind: 'refusal', refusal: conflict },
    );
    expect(await scene.finish(recover(scene, true))).toMatchObject({ recovered: 2 });
  });

  test('is none when the last one is done', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    expect(await scene.finish(recover(scene, false))).toMatchObject({ recovered: undefined });
  });
});
