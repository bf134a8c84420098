import { describe, expect, test } from '@jest/globals';
import { start, waiting, ready } from './followed-rollout.ts';

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
