import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '@slipway/kube';
import { createProgressLog, type FailFast } from '@slipway/rollout';
import { fakeApiServer, fakeLog, steppedClock } from '@slipway/testing';
import { followRollout, type RolloutOutcome } from '../src/rollout/follow.ts';
import type { RolloutTarget } from '../src/rollout/targets.ts';

type Json = KubeObject & Readonly<Record<string, unknown>>;

const labels = { app: 'api' };
const target: RolloutTarget = {
  ref: { kind: 'statefulset', name: 'api', namespace: 'shop' },
  hook: false,
  onDelete: false,
  changed: true,
  account: 'none',
  before: { uid: 's', generation: 1 },
};

/** A stateful set and its pod, whose controllers the test plays. */
function start(
  over: {
    target?: Partial<RolloutTarget>;
    deadlineMs?: number;
    failFast?: FailFast;
    leftRevision?: string;
  } = {},
) {
  const clock = steppedClock();
  const server = fakeApiServer({ clock, namespaces: ['shop'] });
  const log = fakeLog();
  const stop = new AbortController();
  let applied = false;
  const putSet = (generation: number, ready: number, strategy: object = {}): void => {
    server.put<Json>({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'api', namespace: 'shop', uid: 's', generation },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels } },
        updateStrategy: strategy,
      },
      status: {
        observedGeneration: generation,
        readyReplicas: ready,
        updatedReplicas: ready,
        currentRevision: 'r',
        updateRevision: 'r',
      },
    });
  };
  const putPod = (status: object, revision = 'r'): void => {
    server.put<Json>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'api-0',
        namespace: 'shop',
        uid: 'p',
        labels: { ...labels, 'controller-revision-hash': revision },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'api', uid: 's', controller: true },
        ],
      },
      spec: { restartPolicy: 'Always', containers: [{ name: 'main' }] },
      status: { phase: 'Pending', ...status },
    });
  };
  const follow = () => {
    const rollout = followRollout({
      kube: server.client(),
      clock,
      log,
      progress: createProgressLog(log, clock),
      targets: [{ ...target, ...over.target }],
      applied: () => applied,
      failFast: over.failFast ?? 'normal',
      ...(over.leftRevision === undefined
        ? {}
        : { leftRevisions: { 'shop/statefulset/api': over.leftRevision } }),
      deadlineMs: clock.now() + (over.deadlineMs ?? 120_000),
      signal: stop.signal,
    });
    let outcome: RolloutOutcome | undefined;
    void rollout.outcome.then(
      (value) => (outcome = value),
      () => undefined,
    );
    return { rollout, outcome: () => outcome };
  };
  const apply = (): void => {
    applied = true;
  };
  return { clock, server, log, stop, putSet, putPod, apply, follow };
}

const waiting = (reason: string, message = '', restartCount = 0) => ({
  containerStatuses: [
    {
      name: 'main',
      image: 'api:1',
      ready: false,
      restartCount,
      state: { waiting: { reason, message } },
    },
  ],
});
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

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

describe('a pod of an earlier revision that a stateful set waits for', () => {
  const pod = '/api/v1/namespaces/shop/pods/api-0';
  const failing = waiting('ImagePullBackOff', 'api:1: not found');
  const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
  const runs = {
    ...running,
    containerStatuses: [
      { name: 'main', image: 'api:1', ready: false, restartCount: 0, state: { running: {} } },
    ],
  };

  test('is deleted when it does not run, as it was seen, and that is said', async () => {
    const { clock, server, log, putSet, putPod, follow } = start();
    putSet(2, 0);
    putPod(failing, 'before');
    follow();
    await clock.advance(4_000);
    expect(server.object(pod)).toBeDefined();
    await clock.advance(6_000);
    expect(server.object(pod)).toBeUndefined();
    expect(log.text()).toMatch(/Deleted pod\/api-0, container main: ImagePullBackOff: .*not found/);
    const [request] = server.requests.filter(({ verb }) => verb === 'delete');
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      preconditions: { uid: 'p', resourceVersion: expect.stringMatching(/./) },
    });
  });

  test('is deleted only after a minute when it runs and may be starting', async () => {
    const { clock, server, putSet, putPod, follow } = start();
    putSet(2, 0);
    putPod(runs, 'before');
    follow();
    await clock.advance(58_000);
    expect(server.object(pod)).toBeDefined();
    await clock.advance(8_000);
    expect(server.object(pod)).toBeUndefined();
  });

  test('is deleted at once when it is of the revision that is given up', async () => {
    const { clock, server, putSet, putPod, follow } = start({ leftRevision: 'before' });
    putSet(2, 0);
    putPod(runs, 'before');
    follow();
    await clock.advance(1_000);
    expect(server.object(pod)).toBeUndefined();
  });

  test.each<[string, string | undefined, boolean]>([
    ['stays under OnDelete, where the user decides', undefined, true],
    ['goes under OnDelete when its revision is given up', 'before', false],
  ])('%s', async (_, leftRevision, stays) => {
    const { clock, server, putSet, putPod, follow } = start({
      target: { onDelete: true },
      ...(leftRevision === undefined ? {} : { leftRevision }),
    });
    putSet(2, 0, { type: 'OnDelete' });
    putPod(failing, 'before');
    follow();
    await clock.advance(90_000);
    expect(server.object(pod) !== undefined).toBe(stays);
  });

  test.each<[string, object, object]>([
    ['below the partition', failing, { rollingUpdate: { partition: 1 } }],
    ['that is ready', ready, {}],
    [
      'whose node does not report',
      {
        ...running,
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'ContainersReady', status: 'True' },
        ],
      },
      {},
    ],
  ])('stays when it is one %s', async (_, status, strategy) => {
    const { clock, server, putSet, putPod, follow } = start({ leftRevision: 'before' });
    putSet(2, 0, strategy);
    putPod(status, 'before');
    follow();
    await clock.advance(90_000);
    expect(server.object(pod)).toBeDefined();
  });

  test('stays while its controller has not seen the change', async () => {
    const { clock, server, putSet, putPod, follow } = start({ leftRevision: 'before' });
    putSet(2, 0);
    const path = '/apis/apps/v1/namespaces/shop/statefulsets/api';
    const found = server.object(path);
    server.put({ ...found, status: { observedGeneration: 1, updateRevision: 'r' } } as never);
    putPod(failing, 'before');
    follow();
    await clock.advance(60_000);
    expect(server.object(pod)).toBeDefined();
  });

  test('is named with the command that frees it where it may not be deleted', async () => {
    const { clock, server, log, putSet, putPod, follow } = start({ deadlineMs: 30_000 });
    server.forbid('delete', 'pods');
    putSet(2, 0);
    putPod(failing, 'before');
    const { outcome } = follow();
    await clock.advance(40_000);
    expect(log.text()).toContain(
      'It may not be deleted (grant delete on pods), so run: kubectl delete pod api-0 -n shop',
    );
    expect(outcome()).toMatchObject({
      kind: 'late',
      cause: {
        object: 'pod/api-0',
        message: expect.stringContaining('to replace it: kubectl delete pod api-0 -n shop'),
      },
    });
    expect(server.count({ verb: 'delete', path: /pods/ })).toBe(1);
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

describe('a service account that no manifest names any more', () => {
  const path = '/apis/apps/v1/namespaces/shop/statefulsets/api';
  const account = { serviceAccountName: 'ghost', serviceAccount: 'ghost' };

  function stained(change: RolloutTarget['account']) {
    const scene = start({ target: { account: change } });
    scene.putSet(2, 0);
    const found = scene.server.object(path) as unknown as { spec: { template: object } };
    const template = { ...found.spec.template, spec: account };
    scene.server.put({ ...found, spec: { ...found.spec, template } } as never);
    const read = () =>
      (scene.server.object(path) as unknown as { spec: { template: { spec: object } } }).spec
        .template.spec;
    return { ...scene, read };
  }

  test.each<[string, RolloutTarget['account'], object]>([
    ['is taken away when the manifest before named it', 'dropped', {}],
    ['stays when the manifest names one', 'named', account],
    ['stays when nobody ever named one and it does no harm', 'none', account],
  ])('%s', async (_, change, left) => {
    const { clock, log, read, follow } = stained(change);
    follow();
    await clock.advance(5_000);
    expect(read()).toEqual(left);
    expect(log.text().includes('Took the service account ghost')).toBe(change === 'dropped');
  });

  test('is taken away when it keeps pods from being made', async () => {
    const { clock, server, read, follow } = stained('none');
    server.put<Json>({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'made', namespace: 'shop' },
      type: 'Warning',
      reason: 'FailedCreate',
      message: 'Error creating: pods "api-0" is forbidden: serviceaccount "ghost" not found',
      involvedObject: { kind: 'StatefulSet', name: 'api', uid: 's' },
    });
    follow();
    await clock.advance(5_000);
    expect(read()).toEqual({});
  });
});
