import { describe, expect, test } from '@jest/globals';
import { openReleaseStore, rollbackRelease, type RollbackRequest } from '../../src/index.ts';
import { readRevisions } from '../../src/rollback/index.ts';
import { undo } from '../../src/rollback/undo.ts';
import { leftPending, releaseScene, whenRevision } from '../release-scene.ts';
import {
  secrets,
  away,
  api,
  extra,
  install,
  twoRevisions,
  rollback,
  onPods,
} from './rolled-back.ts';

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
