import { describe, expect, test } from '@jest/globals';
import {
  finishRollback,
  openReleaseStore,
  rollbackRelease,
  upgradeRelease,
} from '../../src/index.ts';
import { rollbackOutlook, type RollbackOperation } from '../../src/rollback/index.ts';
import {
  anotherJob,
  leftPending,
  manifestOf,
  releaseScene,
  whenRevision,
  type ReleaseScene,
} from '../release-scene.ts';
import { install } from './rolled-back.ts';

const operation: RollbackOperation = {
  release: 'api',
  namespace: 'shop',
  owner: 'this-job',
  revision: 2,
  target: 1,
  rollbackMs: 60_000,
  because: 'error share: 60 %',
};

/** A good revision 1, and a revision 2 that was found unhealthy. */
async function badRelease(): Promise<ReleaseScene> {
  const scene = releaseScene();
  await install(scene, 'good:1');
  await install(scene, 'good:2');
  return scene;
}

/** A rollback whose job is killed with its Helm as soon as that has made a revision. */
async function killedRollback(): Promise<ReleaseScene> {
  const scene = await badRelease();
  const { ports, cancel } = anotherJob(scene);
  scene.helm.dieWhenInterrupted();
  whenRevision(scene, '3 pending-rollback', () => cancel.abort(new Error('killed')));
  const { release, namespace, because } = operation;
  const request = { release, namespace, because, timeoutMs: 60_000 };
  await scene.finish(rollbackRelease(ports, request)).catch(() => undefined);
  return scene;
}

const finish = (scene: ReleaseScene) => scene.finish(finishRollback(scene.ports, operation));

describe('a rollback that was killed', () => {
  test('leaves the revision it came from marked failed, whoever looks next', async () => {
    const scene = await killedRollback();
    expect(await scene.history()).toEqual(['3 pending-rollback', '2 failed', '1 superseded']);
    const [, left] = await openReleaseStore(scene.server.client(), 'api', 'shop').history();
    expect(left?.record.info.description).toContain('error share: 60 %');
  });

  test('is finished by the post step', async () => {
    const scene = await killedRollback();
    expect(await finish(scene)).toMatchObject({
      did: 'rolled-back',
      result: { toRevision: 1, newRevision: 4, newStatus: 'deployed', proven: true },
    });
    expect(await scene.history()).toEqual(['4 deployed', '3 failed', '2 failed', '1 superseded']);
  });

  test('is never gone back from to the bad revision, if the next run must', async () => {
    const scene = await killedRollback();
    await leftPendingNext(scene);
    const request = { release: 'api', namespace: 'shop', timeoutMs: 60_000 };
    expect(await scene.finish(rollbackRelease(scene.ports, request))).toMatchObject({
      toRevision: 1,
    });
  });

  test('before Helm had begun is not begun by the post step, which marks the revision', async () => {
    const scene = await badRelease();
    expect(await finish(scene)).toEqual({ did: 'marked' });
    expect(await scene.history()).toEqual(['2 failed', '1 superseded']);
    expect(scene.helm.commands).not.toContain('rollback');
  });

  test('when Helm was through is left as it is, and the revision marked', async () => {
    const scene = await badRelease();
    const request = { release: 'api', namespace: 'shop', timeoutMs: 60_000 };
    await scene.finish(rollbackRelease(scene.ports, request));
    expect(await finish(scene)).toEqual({ did: 'nothing', newest: 3, status: 'deployed' });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });

  test('is not gone on with when somebody else has released since', async () => {
    const scene = await badRelease();
    await install(scene, 'good:3');
    expect(await finish(scene)).toEqual({ did: 'nothing', newest: 3, status: 'deployed' });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });
});

/** The next upgrade recovers what is pending, and fails itself. */
async function leftPendingNext(scene: ReleaseScene): Promise<void> {
  scene.helm.setChart('app', { manifest: manifestOf('slow:4') });
  const { ports, cancel } = anotherJob(scene);
  whenRevision(scene, '4 pending-upgrade', () => cancel.abort(new Error('killed')));
  const request = scene.request({ owner: 'next-job' });
  await scene.finish(upgradeRelease(ports, request)).catch(() => undefined);
}

describe('the outlook of a rollback', () => {
  const outlook = (scene: ReleaseScene) =>
    scene.finish(
      rollbackOutlook(scene.server.client(), {
        release: 'api',
        namespace: 'shop',
        driver: 'secret',
      }),
    );

  test('names the revision that it would go back to', async () => {
    expect(await outlook(await badRelease())).toEqual({
      lacking: [],
      unlocked: [],
      newest: 2,
      target: 1,
    });
  });

  test('of a first install is none', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    expect(await outlook(scene)).toMatchObject({ newest: 1, target: undefined });
  });

  test('of a release that is not there is none', async () => {
    expect(await outlook(releaseScene())).toMatchObject({ newest: undefined });
  });

  test('names the rights that are missing', async () => {
    const scene = await badRelease();
    scene.server.forbid('update', 'secrets');
    scene.server.forbid('create', 'leases');
    expect(await outlook(scene)).toMatchObject({
      lacking: ['update secrets'],
      unlocked: ['create leases.coordination.k8s.io'],
      target: 1,
    });
    scene.server.forbid('list', 'secrets');
    expect(await outlook(scene)).toMatchObject({
      lacking: ['list secrets', 'update secrets'],
      newest: undefined,
    });
  });

  test('leaves an unfinished upgrade for the rollback to deal with', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    await leftPending(scene, 'dead-job');
    expect(await outlook(scene)).toMatchObject({ newest: 2, target: 1 });
  });
});
