import { describe, expect, test } from '@jest/globals';
import { fakeLog, steppedClock } from '@slipway/testing';
import { api, shopCluster } from '../../rollout/test/shop-cluster.ts';
import { replayRollout, type RolloutEvidence } from '../src/findings/index.ts';
import { createRolloutCheck } from '../src/observe/rollout-check.ts';
import { ownProbes, shopPod, watchedRelease } from './watched-release.ts';
import { digest, images, deploymentOf, running, old, released } from './arriving-release.ts';

describe('a release that somebody else delivers', () => {
  test('is waited for, whatever the pods of before do, and then proven', async () => {
    const { server, begin, pass, ended, clock } = watchedRelease({ images });
    deploymentOf(old).forEach((object) => server.put(object));
    const before = { uid: '1', owner: 'rs0' } as const;
    server.put(shopPod({ ...before, ready: true }, running(old)));
    begin();
    await pass(20);
    const crash = { reason: 'Error', exitCode: 3 };
    server.put(shopPod({ ...before, ready: true, restarts: 5, ended: crash }, running(old)));
    expect(await pass(20)).toBeUndefined();
    deploymentOf(old, released).forEach((object) => server.put(object));
    server.put(shopPod({ uid: '2', owner: 'rs1', ready: true }, running(released)));
    server.remove(shopPod(before));
    const arrivedMs = clock.now();
    expect(await pass(29)).toBeUndefined();
    expect(await pass(5)).toBe('healthy');
    expect((ended.atMs ?? 0) - arrivedMs).toBeGreaterThanOrEqual(30_000);
  });

  test('is not proven when it never comes, and nothing is held against what runs', async () => {
    const { server, begin, pass, ended } = watchedRelease({ images });
    deploymentOf(old).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(old)));
    begin();
    expect(await pass(118)).toBeUndefined();
    expect(await pass(4)).toBe('not-enough-evidence');
    expect(ended.result?.cause).toContain('pod/api-1 runs ghcr.io/acme/api:1');
  });

  test('is known by the digest that a tag was resolved to', async () => {
    const { server, begin, pass } = watchedRelease({ images });
    const tag = 'ghcr.io/acme/api:2';
    deploymentOf(tag).forEach((object) => server.put(object));
    const pod = shopPod(
      { owner: 'rs0', ready: true, imageID: `ghcr.io/acme/api@${digest}` },
      running(tag),
    );
    server.put(pod);
    begin();
    expect(await pass(33)).toBe('healthy');
  });

  test('may not be there at all yet', async () => {
    const { server, begin, pass } = watchedRelease({ images });
    begin();
    expect(await pass(30)).toBeUndefined();
    deploymentOf(released).forEach((object) => server.put(object));
    server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
    expect(await pass(34)).toBe('healthy');
  });

  test('that crashes once it is there is unhealthy', async () => {
    const { server, begin, pass } = watchedRelease({ images });
    deploymentOf(released).forEach((object) => server.put(object));
    const pod = { owner: 'rs0', ready: true } as const;
    server.put(shopPod(pod, running(released)));
    begin();
    await pass(10);
    const ended = { reason: 'Error', exitCode: 3 };
    server.put(shopPod({ ...pod, restarts: 1, ended }, running(released)));
    expect(await pass(2)).toBe('unhealthy');
  });
});

describe('the evidence', () => {
  test('of 50 pods that come and go says the same again when it is read as JSON', async () => {
    const clock = steppedClock();
    const { server, putPod, putDeployment } = shopCluster(clock);
    putDeployment(50, 50);
    const uids = Array.from({ length: 50 }, (_, index) => String(index));
    uids.forEach((uid) => putPod({ uid, ready: true }));
    const ports = {
      client: server.client(),
      clock,
      log: fakeLog(),
      signal: new AbortController().signal,
    };
    const request = {
      workload: api,
      images: [],
      minSoakMs: 30_000,
      intervalMs: 2_000,
      deadlineMs: 120_000,
    };
    const check = createRolloutCheck(ports, request, () => undefined);
    const stop = new AbortController();
    const run = check.run(stop.signal);
    await clock.advance(5_000);
    for (let round = 1; round <= 20; round += 1) {
      uids.forEach((uid) => putPod({ uid, ready: round % 2 === 0, since: String(round) }));
      await clock.advance(2_000);
    }
    const time = { nowMs: clock.now(), beganMs: 0, elapsedMs: 60_000, deadlineMs: 120_000 };
    const kept = JSON.stringify(check.evidence());
    expect(replayRollout(JSON.parse(kept) as RolloutEvidence, time)).toEqual(check.findings(time));
    stop.abort();
    await clock.advance(5_000);
    await run;
  });
});

describe('a job that is cancelled', () => {
  test.each([0, 1, 40, 500, 2_000, 2_050, 30_040])(
    'ends at %i ms, at once and without a request that goes on',
    async (ms) => {
      const { server, begin, job, ended, clock } = watchedRelease({ probes: ownProbes });
      deploymentOf(released).forEach((object) => server.put(object));
      server.put(shopPod({ owner: 'rs0', ready: true }, running(released)));
      begin();
      await clock.advance(ms);
      if (ended.result !== undefined) return;
      const cancelledMs = clock.now();
      job.abort(new Error('the job was cancelled'));
      await clock.advance(1_900);
      expect(ended.error).toMatchObject({ message: 'the job was cancelled' });
      expect((ended.atMs ?? Infinity) - cancelledMs).toBeLessThan(1_900);
      expect(server.openWatches()).toBe(0);
    },
  );
});
