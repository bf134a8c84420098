import { afterEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '@slipway/kube';
import { fakeLog, steppedClock } from '@slipway/testing';
import { observeRollouts, rolloutTruth, type RolloutObserver } from '../src/index.ts';
import { api, shopCluster } from './shop-cluster.ts';

const open: RolloutObserver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((observer) => observer.stop()));
});

const reads = { verb: 'get', path: /\/deployments\/api$/ } as const;
const setLists = { verb: 'list', path: /\/replicasets$/ } as const;
const watches = { verb: 'watch', path: /\/deployments$/ } as const;

/** A deployment of two ready pods that is watched, and has been looked at for 10 s. */
async function underWatch(
  prepare: (cluster: ReturnType<typeof shopCluster>) => void = () => undefined,
) {
  const clock = steppedClock();
  const cluster = shopCluster(clock);
  const log = fakeLog();
  cluster.putDeployment(2, 2);
  cluster.putPod({ uid: '1', ready: true });
  cluster.putPod({ uid: '2', ready: true });
  prepare(cluster);
  const signal = new AbortController().signal;
  const observer = observeRollouts(
    { client: cluster.server.client(), clock, log, signal },
    { refs: [api], wholeNamespace: false, watched: true },
  );
  open.push(observer);
  /** Turns the time on, so that what the server sent arrives, and looks again. */
  const pass = async (ms = 2_000) => {
    await clock.advance(ms);
    await observer.look();
    return rolloutTruth(observer.state(api), clock.now());
  };
  for (let look = 0; look < 5; look += 1) await pass();
  /** How many pods the deployment wanted, in the order in which that was recorded. */
  const wanted = () =>
    observer
      .recording(api)
      .flatMap((one) => (one.kind === 'workload' ? [one.workload?.desired] : []));
  return { ...cluster, clock, log, observer, pass, wanted };
}

describe('a workload that is watched', () => {
  test('is read in whole once, and each state that it goes through between two looks is recorded', async () => {
    const { pass, putDeployment, server, wanted } = await underWatch();
    const listed = server.count(setLists);
    putDeployment(5, 2);
    putDeployment(3, 2);
    putDeployment(2, 2);
    expect(await pass()).toMatchObject({ desired: 2, steady: true });
    expect(wanted()).toEqual([2, 5, 3, 2]);
    for (let look = 0; look < 30; look += 1) await pass();
    // Every fifteen, the versions of what tells its revisions are compared.
    expect(server.count(setLists)).toBeLessThanOrEqual(listed + 72 / 15);
    expect(server.count(watches)).toBe(1);
    // Every five seconds or so it is asked whether the server still answers.
    expect(server.count(reads)).toBeLessThanOrEqual(1 + 72 / 5);
  });

  test('is as it is now, and none of its states is recorded twice, after its version has expired', async () => {
    const { pass, putDeployment, server, wanted } = await underWatch();
    server.endWatches('end');
    putDeployment(4, 2);
    server.forgetHistory();
    putDeployment(3, 2);
    await pass();
    expect(await pass()).toMatchObject({ desired: 3 });
    putDeployment(2, 2);
    expect(await pass()).toMatchObject({ desired: 2, steady: true });
    expect(wanted()).toEqual([2, 3, 2]);
  });

  test('goes on from a bookmark: what changed while nobody watched is told in its order', async () => {
    const { pass, putDeployment, server, wanted } = await underWatch();
    server.bookmark();
    await pass();
    const listed = server.count({ verb: 'list', path: /\/deployments$/ });
    server.endWatches('end');
    putDeployment(4, 2);
    putDeployment(2, 2);
    await pass();
    expect(wanted()).toEqual([2, 4, 2]);
    expect(server.count({ verb: 'list', path: /\/deployments$/ })).toBe(listed);
  });

  test('is read at each look while its watch is broken off, and watched again after', async () => {
    const { clock, observer, pass, putDeployment, server } = await underWatch();
    server.fault({ path: /\/deployments$/ }, { kind: 'refused' }, 8);
    server.endWatches('break');
    await clock.advance(1);
    const before = server.count(reads);
    putDeployment(3, 2);
    await observer.look();
    expect(observer.state(api).workload?.desired).toBe(3);
    await pass(500);
    expect(server.count(reads)).toBe(before + 2);
    await pass(20_000);
    expect(server.openWatches()).toBe(3);
    const again = server.count(setLists);
    for (let look = 0; look < 5; look += 1) await pass();
    expect(server.count(setLists)).toBe(again);
  });

  test('is watched anew when its watch has died without a word', async () => {
    const { pass, putDeployment, server } = await underWatch(({ server: api }) =>
      api.fault(watches, { kind: 'silence' }),
    );
    putDeployment(5, 2);
    for (let look = 0; look < 5; look += 1) await pass();
    expect(await pass()).toMatchObject({ desired: 5 });
    expect(server.count(watches)).toBe(2);
    putDeployment(2, 2);
    expect(await pass()).toMatchObject({ desired: 2 });
  });

  test('is watched anew when the watch of its replica sets has died without a word', async () => {
    const setWatches = { verb: 'watch', path: /\/replicasets$/ } as const;
    const { observer, pass, server } = await underWatch(({ server: api }) =>
      api.fault(setWatches, { kind: 'silence' }),
    );
    const path = '/apis/apps/v1/namespaces/shop/replicasets/api-r1';
    const set = server.object(path);
    if (set === undefined) throw new Error(`there is no ${path}`);
    const labels = { ...set.metadata.labels, 'pod-template-hash': 'r2' };
    server.put<KubeObject>({ ...set, metadata: { ...set.metadata, labels } });
    for (let look = 0; look < 10; look += 1) await pass();
    expect(observer.state(api).workload?.revision).toBe('r2');
    expect(server.count(setWatches)).toBe(2);
    for (let look = 0; look < 30; look += 1) await pass();
    expect(server.count(setWatches)).toBe(2);
  });

  test.each(['deployments', 'replicasets'])(
    'is read at each look without the right to watch %s, which is said once',
    async (resource) => {
      const { log, pass, putDeployment, server } = await underWatch(({ server: api }) =>
        api.forbid('watch', resource),
      );
      putDeployment(5, 2);
      expect(await pass()).toMatchObject({ desired: 5 });
      const before = server.count(reads);
      for (let look = 0; look < 5; look += 1) await pass();
      expect(server.count(reads)).toBe(before + 5);
      for (let look = 0; look < 70; look += 1) await pass();
      const said = log.lines.filter(({ message }) => message.includes('may not be watched'));
      expect(said).toHaveLength(1);
      expect(said[0]?.message).toContain(`cannot watch resource "${resource}"`);
    },
  );

  test('has pods that are watched anew when their watch has died without a word', async () => {
    const podWatches = { verb: 'watch', path: /\/pods$/ } as const;
    const { pass, putPod, removePod, server } = await underWatch(({ server: api }) =>
      api.fault(podWatches, { kind: 'silence' }),
    );
    putPod({ uid: '1', ready: true, restarts: 1, ended: { reason: 'Error', exitCode: 3 } });
    removePod('2');
    for (let look = 0; look < 8; look += 1) await pass();
    expect(await pass()).toMatchObject({
      faults: [{ kind: 'ended', pod: 'api-1' }],
      present: [{}],
    });
    expect(server.count(podWatches)).toBe(2);
    for (let look = 0; look < 30; look += 1) await pass();
    expect(server.count(podWatches)).toBe(2);
  });

  test.each(['deployments', 'replicasets', 'pods'])(
    'whose %s come in no form that is known fails at the next look',
    async (resource) => {
      const { server, clock, log } = await underWatch();
      const real = server.client();
      const fault = new TypeError('items is not iterable');
      const client: typeof real = {
        ...real,
        listAt: (path, ...more) =>
          path.endsWith(resource) ? Promise.reject(fault) : real.listAt(path, ...more),
      };
      const observer = observeRollouts(
        { client, clock, log, signal: new AbortController().signal },
        { refs: [api], wholeNamespace: false, watched: true },
      );
      open.push(observer);
      const looks = async () => {
        for (let look = 0; look < 3; look += 1) {
          await observer.look();
          await clock.advance(2_000);
        }
      };
      await expect(looks()).rejects.toThrow(fault);
    },
  );

  test('and is deleted is gone at the next look', async () => {
    const { observer, pass, server } = await underWatch();
    server.remove(server.object('/apis/apps/v1/namespaces/shop/deployments/api') ?? {});
    await pass();
    expect(observer.state(api).workload).toBeUndefined();
  });
});
