import { describe, expect, test } from '@jest/globals';
import { start, waiting, ready } from './followed-rollout.ts';

describe('following the rollout of an upgrade', () => {
  test('ends ready once Helm has applied everything and the workload is done', async () => {
    const { clock, putSet, putPod, apply, follow } = start();
    putSet(1, 1);
    putPod(ready);
    const { outcome } = follow();
    await clock.advance(5_000);
    expect(outcome()).toBeUndefined();
    putSet(2, 1);
    apply();
    await clock.advance(5_000);
    expect(outcome()).toEqual({ kind: 'ready' });
  });

  test('looks again the moment Helm is done, also between two looks', async () => {
    const { clock, putSet, putPod, apply, follow } = start();
    putSet(1, 1);
    putPod(ready);
    const { rollout, outcome } = follow();
    await clock.advance(100);
    putSet(2, 1);
    apply();
    await clock.advance(100);
    expect(outcome()).toBeUndefined();
    rollout.lookNow();
    await clock.advance(10);
    expect(outcome()).toEqual({ kind: 'ready' });
  });

  test('does not hold against an upgrade what was wrong before it began', async () => {
    const { clock, putSet, putPod, follow } = start();
    putSet(1, 0);
    putPod(waiting('ImagePullBackOff', 'api:1: not found'));
    const { outcome } = follow();
    await clock.advance(60_000);
    expect(outcome()).toBeUndefined();
  });

  test('ends broken with the cause as soon as the kubelet backs off from a missing image', async () => {
    const { clock, putSet, putPod, follow } = start();
    putSet(2, 0);
    putPod(waiting('ErrImagePull', 'api:1: not found'));
    const { outcome } = follow();
    await clock.advance(3_000);
    expect(outcome()).toBeUndefined();
    putPod(waiting('ImagePullBackOff', 'api:1: not found'));
    await clock.advance(2_500);
    expect(outcome()).toMatchObject({
      kind: 'broken',
      cause: { reason: 'ImagePullBackOff', object: 'pod/api-0' },
    });
  });

  test('adds what the container printed last to the cause', async () => {
    const { clock, server, putSet, putPod, follow } = start();
    server.setLog({ namespace: 'shop', pod: 'api-0', container: 'main' }, 'no database\n');
    putSet(2, 0);
    const status = waiting('CrashLoopBackOff', '', 3).containerStatuses[0];
    const lastState = { terminated: { exitCode: 3, reason: 'Error' } };
    putPod({ phase: 'Running', containerStatuses: [{ ...status, lastState }] });
    const { outcome } = follow();
    await clock.advance(3_000);
    expect(outcome()).toMatchObject({ kind: 'broken', cause: { logTail: 'no database' } });
  });

  test('gives a workload that the upgrade did not change a minute more', async () => {
    const { clock, putSet, putPod, apply, follow } = start({ target: { changed: false } });
    putSet(1, 0);
    putPod(waiting('ImagePullBackOff', 'api:1: not found'));
    apply();
    const { outcome } = follow();
    await clock.advance(59_000);
    expect(outcome()).toBeUndefined();
    await clock.advance(4_000);
    expect(outcome()).toMatchObject({ kind: 'broken' });
  });

  test('ends late with what it waited for', async () => {
    const { clock, putSet, putPod, apply, follow } = start({ deadlineMs: 20_000 });
    putSet(2, 0);
    putPod({ phase: 'Running' });
    apply();
    const { outcome } = follow();
    await clock.advance(25_000);
    expect(outcome()).toMatchObject({
      kind: 'late',
      waitingFor: 'statefulset/api: 0 of 1 pods are ready',
    });
  });

  test('waits out an API server that is away', async () => {
    const { clock, server, putSet, putPod, apply, follow } = start();
    putSet(2, 1);
    putPod(ready);
    server.fault({ verb: 'get' }, { kind: 'unavailable' }, 5);
    apply();
    const { outcome } = follow();
    await clock.advance(60_000);
    expect(outcome()).toEqual({ kind: 'ready' });
  });

  test('says that it cannot see where the workload may not be read', async () => {
    const { clock, server, putSet, follow } = start();
    putSet(2, 1);
    server.forbid('get', 'statefulsets');
    const { outcome } = follow();
    await clock.advance(3_000);
    expect(outcome()).toMatchObject({ kind: 'unseen', why: expect.stringMatching(/statefulsets/) });
  });

  test('stops at a cancel and leaves no watch behind', async () => {
    const { clock, server, stop, putSet, follow } = start();
    putSet(2, 0);
    const { rollout } = follow();
    await clock.advance(1_000);
    stop.abort(new Error('cancelled'));
    await clock.advance(10);
    await expect(rollout.outcome).rejects.toThrow('cancelled');
    expect(server.openWatches()).toBe(0);
  });
});

describe('giving up', () => {
  test('is left to the timeout when fail-fast is off', async () => {
    const { clock, putSet, putPod, follow } = start({ failFast: 'off', deadlineMs: 60_000 });
    putSet(2, 0);
    putPod(waiting('InvalidImageName', 'no name'));
    const { outcome } = follow();
    await clock.advance(58_000);
    expect(outcome()).toBeUndefined();
    await clock.advance(5_000);
    expect(outcome()).toMatchObject({ kind: 'late', cause: { reason: 'InvalidImageName' } });
  });
});
