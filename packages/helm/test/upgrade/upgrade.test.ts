import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../src/index.ts';
import { leftPending, manifestOf, releaseScene } from '../release-scene.ts';
import { lease, deployment, upgrade, installed } from './upgraded.ts';

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

  test('warns when a rollback could not be held against what ran before', async () => {
    const scene = await installed();
    const title = 'What runs before the upgrade could not be read whole';
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    await upgrade(scene);
    expect(scene.log.text()).not.toContain(title);
    scene.helm.setChart('app', { manifest: manifestOf('good:3') });
    scene.server.forbid('list', 'pods');
    await upgrade(scene);
    expect(scene.log.text()).toMatch(
      /^warning: What runs before the upgrade could not be read whole, .*: deployment\/api: .*pods/m,
    );
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

  test('reads the pods of its namespace in one request, besides its own of before, however many there are', async () => {
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
    expect(scene.server.count(pods) - before).toBe(2);
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
