import { describe, expect, test } from '@jest/globals';
import { ActionError } from '@slipway/runtime';
import { UnfinishedUpgradeError } from '../../src/index.ts';
import { manifestOf, releaseScene, whenRevision } from '../release-scene.ts';
import { lease, secrets, away, upgrade, installed, cutOff, finishedBy } from './upgraded.ts';

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
