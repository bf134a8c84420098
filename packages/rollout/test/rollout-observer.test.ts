import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeLog, steppedClock, type Fault } from '@slipway/testing';
import {
  observe,
  observeRollouts,
  rolloutTruth,
  unseenRollout,
  type RolloutObserver,
  type RolloutTruth,
} from '../src/index.ts';
import { api, shopCluster } from './shop-cluster.ts';

const open: RolloutObserver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((observer) => observer.stop()));
});

function start(options: { wholeNamespace?: boolean; sparing?: boolean } = {}) {
  const clock = steppedClock();
  const cluster = shopCluster(clock);
  const observer = observeRollouts(
    {
      client: cluster.server.client(),
      clock,
      log: fakeLog(),
      signal: new AbortController().signal,
    },
    { refs: [api], wholeNamespace: false, ...options },
  );
  open.push(observer);
  const truth = (): RolloutTruth | undefined => rolloutTruth(observer.state(api), clock.now());
  /** Turns the time on, so that what the server sent arrives, and looks again. */
  const pass = async (ms = 1_000): Promise<RolloutTruth | undefined> => {
    await clock.advance(ms);
    await observer.look();
    return truth();
  };
  return { ...cluster, clock, observer, truth, pass };
}

const podLists = { verb: 'list', path: /\/pods$/ } as const;
const crashed = { reason: 'Error', exitCode: 3 };

describe('following a rollout', () => {
  test('a workload that is not there is a state, and its pods are known once it is', async () => {
    const { observer, pass, putDeployment, putPod } = start({ wholeNamespace: true });
    await observer.look();
    expect(observer.state(api).workload).toBeUndefined();
    putPod({ uid: '1', ready: true });
    putDeployment(1, 1);
    expect(await pass()).toMatchObject({ serving: 1, steady: true });
  });

  test('a good release that is scaled in stays without fault and is steady again', async () => {
    const { pass, putDeployment, putPod, removePod } = start();
    putDeployment(3, 3);
    for (const uid of ['1', '2', '3']) putPod({ uid, ready: true });
    expect(await pass()).toMatchObject({ serving: 3, steady: true });
    putDeployment(2, 2);
    putPod({ uid: '3', ready: true, deleted: true });
    expect(await pass()).toMatchObject({ serving: 2, faults: [] });
    putPod({ uid: '3', deleted: true, restarts: 1, ended: { reason: 'Error', exitCode: 137 } });
    await pass();
    removePod('3');
    expect(await pass()).toMatchObject({ serving: 2, steady: true, faults: [] });
  });

  test('a crash of a pod that stays is seen, also when it began and ended between two looks', async () => {
    const { clock, pass, putDeployment, putPod } = start();
    putDeployment(1, 1);
    putPod({ uid: '1', ready: true });
    await pass();
    putPod({ uid: '1', ready: true, restarts: 1, ended: crashed });
    await clock.advance(100);
    putPod({ uid: '1', ready: true, restarts: 1, ended: crashed, since: 'later' });
    expect(await pass()).toMatchObject({ faults: [{ kind: 'ended', pod: 'api-1' }] });
  });

  test('a crash while the watch was broken is found when it is taken up again', async () => {
    const { pass, putDeployment, putPod, server } = start();
    putDeployment(1, 1);
    putPod({ uid: '1', ready: true });
    await pass();
    server.endWatches('break');
    server.forgetHistory();
    putPod({ uid: '1', ready: true, restarts: 1, ended: crashed });
    await pass(10_000);
    expect(await pass()).toMatchObject({ faults: [{ kind: 'ended' }] });
  });

  test('without the right to watch pods, they are listed at each look', async () => {
    const { pass, putDeployment, putPod, removePod, server } = start();
    server.forbid('watch', 'pods');
    putDeployment(1, 1);
    putPod({ uid: '1', ready: true });
    await pass();
    expect(await pass()).toMatchObject({ serving: 1 });
    removePod('1');
    putPod({ uid: '2' });
    const truth = await pass();
    expect(truth?.present.map(({ pod }) => pod.metadata?.uid)).toEqual(['2']);
  });

  test.each<Fault>([{ kind: 'unauthorized' }, { kind: 'forbidden' }])(
    'a watch that is refused once ($kind) is taken up again, and nothing is missed meanwhile',
    async (fault) => {
      const { pass, putDeployment, putPod, removePod, server } = start();
      putDeployment(2, 2);
      putPod({ uid: '1', ready: true });
      putPod({ uid: '2', ready: true });
      await pass();
      server.fault({ verb: 'watch', path: /\/pods$/ }, fault);
      server.endWatches('break');
      await pass();
      expect(server.openWatches()).toBe(0);
      putPod({ uid: '1', ready: true, restarts: 1, ended: crashed });
      removePod('2');
      expect(await pass()).toMatchObject({ faults: [{ kind: 'ended' }], present: [{}] });
      await pass(16_000);
      await pass();
      expect(server.openWatches()).toBe(1);
      const listed = server.count(podLists);
      for (let look = 0; look < 5; look += 1) await pass(2_000);
      expect(server.count(podLists)).toBe(listed);
    },
  );

  test('a pod that was deleted while its watch had expired is gone, and one that flapped has flapped', async () => {
    const { pass, putDeployment, putPod, removePod, server } = start();
    putDeployment(2, 2);
    putPod({ uid: '1', ready: true, since: 'a' });
    putPod({ uid: '2', ready: true, since: 'a' });
    await pass();
    server.endWatches('break');
    putPod({ uid: '1', since: 'b' });
    putPod({ uid: '1', ready: true, since: 'c' });
    removePod('2');
    server.forgetHistory();
    await pass(10_000);
    const truth = await pass();
    expect(truth?.present).toMatchObject([{ pod: { metadata: { uid: '1' } } }]);
    expect(truth?.present[0]?.flapsMs).toHaveLength(1);
  });

  test('pods are listed once, however often one looks and however many there are', async () => {
    const { pass, putDeployment, putPod, server } = start({ wholeNamespace: true });
    putDeployment(1, 1);
    for (let uid = 1; uid <= 300; uid += 1) putPod({ uid: String(uid), ready: true });
    for (let look = 0; look < 30; look += 1) await pass(2_000);
    expect(server.count(podLists)).toBe(1);
  });

  test('what does not serve is asked for events, at most once a second', async () => {
    const { clock, observer, putDeployment, putPod, server } = start();
    putDeployment(1, 0);
    putPod({ uid: '1' });
    for (let look = 0; look < 10; look += 1) {
      await observer.look();
      await clock.advance(200);
    }
    expect(server.count({ verb: 'list', path: /\/events$/ })).toBe(2);
  });

  test('sparing, 300 s of waiting for what does not serve take at most 30 requests', async () => {
    const { pass, putDeployment, putPod, server, truth } = start({ sparing: true });
    putDeployment(1, 0);
    putPod({ uid: '1' });
    for (let second = 0; second < 300; second += 2) await pass(2_000);
    expect(truth()).toMatchObject({ steady: false, present: [{ ready: false }] });
    expect(server.requests.length).toBeLessThanOrEqual(30);
  });

  test('sparing, a change of the workload is seen at the next look, and one that is gone is gone', async () => {
    const { observer, pass, putDeployment, putPod, server } = start({ sparing: true });
    putDeployment(2, 0);
    putPod({ uid: '1' });
    for (let look = 0; look < 5; look += 1) await pass(2_000);
    putDeployment(1, 1);
    putPod({ uid: '1', ready: true });
    expect(await pass()).toMatchObject({ desired: 1, serving: 1, steady: true });
    server.remove(server.object('/apis/apps/v1/namespaces/shop/deployments/api') ?? {});
    await pass();
    expect(observer.state(api).workload).toBeUndefined();
  });

  test('sparing, a workload that may not be watched is read at each look', async () => {
    const { pass, putDeployment, putPod, server } = start({ sparing: true });
    server.forbid('watch', 'deployments');
    putDeployment(2, 0);
    for (let look = 0; look < 5; look += 1) await pass(2_000);
    putDeployment(1, 1);
    putPod({ uid: '1', ready: true });
    expect(await pass()).toMatchObject({ desired: 1, steady: true });
  });

  test('sparing, events are read at once when something happens after a long quiet', async () => {
    const { pass, putDeployment, putPod, server } = start({ sparing: true });
    const events = { verb: 'list', path: /\/events$/ } as const;
    putDeployment(1, 0);
    putPod({ uid: '1' });
    for (let second = 0; second < 120; second += 2) await pass(2_000);
    const before = server.count(events);
    await pass(2_000);
    expect(server.count(events)).toBe(before);
    putPod({ uid: '1', restarts: 1, ended: crashed });
    await pass(2_000);
    expect(server.count(events)).toBe(before + 1);
  });

  test('a change of a pod ends the pause', async () => {
    const { clock, observer, pass, putDeployment, putPod } = start();
    putDeployment(1, 1);
    putPod({ uid: '1', ready: true });
    await pass();
    await observer.next(0);
    const before = clock.now();
    const paused = observer.next(60_000).then(() => clock.now() - before);
    await clock.advance(500);
    putPod({ uid: '1' });
    await clock.advance(500);
    expect(await paused).toBeLessThanOrEqual(1_000);
  });

  test('its recording gives its state, and holds none of what a pod may keep secret', async () => {
    const { clock, observer, pass, putDeployment, putPod, server } = start();
    putDeployment(1, 1);
    const pod = putPod({ uid: '1', ready: true });
    const env = [{ name: 'TOKEN', value: 'very-secret' }];
    const [container] = pod.spec?.containers ?? [];
    if (container === undefined) throw new Error('The pod has no container.');
    const args = ['very-secret'];
    const httpHeaders = [{ name: 'Authorization', value: 'very-secret' }];
    const readinessProbe = { httpGet: { path: '/readyz', port: 8080, httpHeaders } };
    const livenessProbe = { exec: { command: ['probe', 'very-secret'] } };
    const secretive = { ...container, env, args, readinessProbe, livenessProbe };
    server.put({ ...pod, spec: { containers: [secretive] } });
    await pass();
    const recording = JSON.stringify(observer.recording(api));
    expect(recording).not.toContain('very-secret');
    expect(recording).toContain('"readinessProbe":{"httpGet":{"port":8080}}');
    expect(observer.state(api).workload?.metadata.annotations).toEqual({
      'meta.helm.sh/release-name': 'shop',
    });
    const again = (JSON.parse(recording) as ReturnType<typeof observer.recording>).reduce(
      observe,
      unseenRollout,
    );
    const nowMs = clock.now();
    expect(rolloutTruth(again, nowMs)?.steadySinceMs).toBe(
      rolloutTruth(observer.state(api), nowMs)?.steadySinceMs,
    );
    // Who asks what the kubelet asks, or counts what a command asks, needs all of it.
    const [live] = [...observer.state(api).pods.values()];
    expect(live?.pod.spec?.containers).toMatchObject([
      {
        readinessProbe: { httpGet: { path: '/readyz', httpHeaders } },
        livenessProbe,
      },
    ]);
  });
});
