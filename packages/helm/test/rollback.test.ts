import { describe, expect, test } from '@jest/globals';
import type { Pod } from '@slipway/kube';
import {
  finishInterrupted,
  openReleaseStore,
  rollbackRelease,
  upgradeRelease,
  type RollbackRequest,
  type RollbackResult,
} from '../src/index.ts';
import { recoverPending } from '../src/release/index.ts';
import { readRevisions } from '../src/rollback/index.ts';
import { undo } from '../src/rollback/undo.ts';
import {
  anotherJob,
  leftPending,
  manifestOf,
  releaseScene,
  whenRevision,
  type ReleaseScene,
} from './release-scene.ts';

const secrets = /\/secrets$/;
const away = { code: 504, reason: 'Timeout', message: 'request did not complete in time' };
const api = { kind: 'deployment', name: 'api', namespace: 'shop' } as const;
const extra = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: extra }
`;

async function install(scene: ReleaseScene, image: string, more = ''): Promise<void> {
  scene.helm.setChart('app', { manifest: manifestOf(image, more) });
  await scene.finish(upgradeRelease(scene.ports, scene.request()));
}

/** A release with a good revision 1 and a good revision 2, which has one object more. */
async function twoRevisions(): Promise<ReleaseScene> {
  const scene = releaseScene();
  await install(scene, 'good:1');
  await install(scene, 'good:2', extra);
  return scene;
}

function rollback(
  scene: ReleaseScene,
  more: Partial<RollbackRequest> = {},
): Promise<RollbackResult> {
  const request = { release: 'api', namespace: 'shop', timeoutMs: 60_000, ...more };
  return scene.finish(rollbackRelease(scene.ports, request));
}

/** Changes the pods of the release behind the back of their controller, as soon as they are there. */
function onPods(scene: ReleaseScene, change: (pod: Pod, index: number) => Pod): void {
  const changed = new Set<string>();
  scene.server.onChange(({ object, gone }) => {
    if (object.kind !== 'Pod' || gone || changed.has(object.metadata.uid)) return;
    changed.add(object.metadata.uid);
    scene.server.put(change(object as Pod, changed.size));
  });
}

describe('a rollback', () => {
  test('goes back to the last revision that worked, and proves it', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const revisions = await readRevisions(scene.server.client(), [api]);
    await install(scene, 'good:2', extra);
    expect(await rollback(scene, { revisions, because: 'it was slow' })).toEqual({
      fromRevision: 2,
      toRevision: 1,
      newRevision: 3,
      newStatus: 'deployed',
      proven: true,
    });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
    const [, left] = await openReleaseStore(scene.server.client(), 'api', 'shop').history();
    expect(left?.record.info.description).toBe('Failed and rolled back: it was slow');
    expect(scene.server.object('/api/v1/namespaces/shop/configmaps/extra')).toBeUndefined();
  });

  test('tells the history why without a secret of the job, or a value that an error quotes', async () => {
    const scene = await twoRevisions();
    const redact = (text: string): string => text.replaceAll('hunter2', '***');
    const because =
      'pod/api-x: CrashLoopBackOff: ends with exit code 1: no user hunter2; Deployment.apps "api" is ' +
      'invalid: spec.template.spec.containers[0].args[1]: Invalid value: "s3cr3t": no';
    const request = { release: 'api', namespace: 'shop', timeoutMs: 60_000, because };
    await scene.finish(rollbackRelease({ ...scene.ports, redact }, request));
    const [, left] = await openReleaseStore(scene.server.client(), 'api', 'shop').history();
    expect(left?.record.info.description).toMatch(
      /^Failed and rolled back: pod\/api-x: .* no user \*\*\*; .* Invalid value: \(left out\): no$/,
    );
  });

  test.each<[string, Partial<RollbackRequest>, string]>([
    ['without an earlier revision', {}, 'has no earlier revision that worked'],
    ['to a revision that is gone', { toRevision: 7 }, 'has no revision 7 any more'],
  ])('%s is refused', async (_, more, message) => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    await expect(rollback(scene, more)).rejects.toThrow(message);
  });

  test('is tried again after a passing failure of Helm, and ends with any other', async () => {
    const scene = await twoRevisions();
    scene.helm.failNext('rollback', 'Error: etcdserver: leader changed');
    expect(await rollback(scene)).toMatchObject({ newRevision: 3, proven: true });
    scene.helm.failNext('rollback', 'Error: no rights');
    await expect(rollback(scene)).rejects.toMatchObject({
      message: 'Helm could not roll api back to revision 1: no rights',
      title: 'Rollback failed',
    });
  });

  test('gives up a pending revision first', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    await leftPending(scene, 'dead-job');
    expect(await rollback(scene)).toMatchObject({ fromRevision: 2, toRevision: 1, proven: true });
    const [, left] = await openReleaseStore(scene.server.client(), 'api', 'shop').history();
    expect(left?.record.info.description).toBe('Failed: given up half-way');
  });
});

describe('the proof of a rollback', () => {
  test('does not count pods that are leaving', async () => {
    const scene = await twoRevisions();
    onPods(scene, (pod, index) => {
      const deletionTimestamp = new Date(scene.clock.now()).toISOString();
      return index > 1 ? pod : { ...pod, metadata: { ...pod.metadata, deletionTimestamp } };
    });
    const result = await rollback(scene);
    expect(result).toMatchObject({ newRevision: 3, proven: false });
    expect(result.why).toContain('deployment/api: 1 of 2 pods are ready');
  });

  test('fails on pods of another template than before', async () => {
    const scene = await twoRevisions();
    const result = await rollback(scene, { revisions: { 'shop/deployment/api': '12345678' } });
    expect(result.proven).toBe(false);
    expect(result.why).toMatch(
      /deployment\/api runs pods of template [0-9a-f]{8}, before it was 12345678/,
    );
  });

  test('fails on objects that are missing, differ, or are left of the failed revision', async () => {
    const scene = await twoRevisions();
    const settings = '/api/v1/namespaces/shop/configmaps/settings';
    whenRevision(scene, '3 deployed', () => {
      const found = scene.server.object(settings);
      scene.server.put({ ...found, data: { image: 'other' } } as never);
      scene.server.put({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'extra', namespace: 'shop' },
      });
    });
    const result = await rollback(scene);
    expect(result.why?.split('; ')).toEqual([
      'ConfigMap/settings differs at data.image',
      'ConfigMap/extra of the failed revision is still there',
    ]);
  });

  test('that cannot be had is a doubt about a rollback that was made', async () => {
    const scene = await twoRevisions();
    whenRevision(scene, '3 deployed', () =>
      scene.server.fault({ verb: 'list', path: secrets }, { kind: 'refusal', refusal: away }),
    );
    const result = await rollback(scene);
    expect(result).toMatchObject({ toRevision: 1, newStatus: 'unknown', proven: false });
    expect(result.why).toContain('it could not be proven: ');
  });
});

describe('undoing an upgrade', () => {
  test('that made no revision does nothing', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = await leftPending(scene, 'dead-job');
    const undone = await scene.finish(undo(scene.ports, { ...operation, before: 2 }, 'no reason'));
    expect(undone).toMatchObject({ outcome: 'failed', changed: false, rolledBack: false });
    expect(scene.helm.commands).not.toContain('rollback');
  });

  test('that has nothing to go back to leaves its revision marked failed', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = await leftPending(scene, 'dead-job');
    const undone = undo(scene.ports, { ...operation, target: 0 }, 'no reason');
    expect(await scene.finish(undone)).toMatchObject({
      outcome: 'failed',
      status: 'failed',
      revision: 2,
      changed: true,
    });
  });

  test('takes a first install away, and says when it cannot look whether it is gone', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = await leftPending(scene, 'dead-job');
    scene.server.onChange(({ object, gone }) => {
      if (object.kind === 'Secret' && gone)
        scene.server.fault({ verb: 'list', path: secrets }, { kind: 'refusal', refusal: away });
    });
    const undone = undo(scene.ports, { ...operation, before: 0, target: 0 }, 'no reason');
    expect(await scene.finish(undone)).toMatchObject({
      outcome: 'uninstalled',
      status: 'unknown',
      proven: false,
      doubts: expect.stringContaining('request did not complete in time'),
    });
  });

  test('throws when the history cannot be read, since nothing has been undone', async () => {
    const scene = releaseScene();
    await install(scene, 'good:1');
    const operation = await leftPending(scene, 'dead-job');
    scene.server.fault({ verb: 'list', path: secrets }, { kind: 'refusal', refusal: away });
    const undone = scene.finish(undo(scene.ports, operation, 'no reason'));
    await expect(undone).rejects.toMatchObject({ status: 504 });
  });
});

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
