import { describe, expect, test } from '@jest/globals';
import type { VerifyRequest } from '../src/index.ts';
import { watchedRelease } from './watched-release.ts';

const killed = { reason: 'Error', exitCode: 137 };
const disrupted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };

/** A good release of `replicas` ready pods, whose verification has gone on for 12 s. */
async function underWay(replicas: number, more: Partial<VerifyRequest> = {}) {
  const release = watchedRelease(more);
  release.putDeployment(replicas, replicas);
  for (let pod = 1; pod <= replicas; pod += 1) release.putPod({ uid: String(pod), ready: true });
  release.begin();
  await release.pass(12);
  return release;
}

type Release = Awaited<ReturnType<typeof underWay>>;

/** What becomes of pod 3 of three, from second 12 on. */
const lives: readonly [string, (release: Release) => Promise<void>][] = [
  [
    'scaled in, which its pod tells first',
    async ({ putPod, putDeployment, removePod, pass }) => {
      putPod({ uid: '3', ready: true, deleted: true });
      await pass(1);
      putDeployment(2, 2);
      putPod({ uid: '3', deleted: true, ended: killed, restarts: 1 });
      await pass(1);
      removePod('3');
    },
  ],
  [
    'scaled in, which the deployment tells first',
    async ({ putPod, putDeployment, removePod, pass }) => {
      putDeployment(2, 3);
      await pass(3);
      putPod({ uid: '3', ready: true, deleted: true });
      putPod({ uid: '3', deleted: true, ended: killed, restarts: 1 });
      await pass(1);
      removePod('3');
    },
  ],
];

/** Pod 3 goes in some way, and pod 4 comes in its place 5 s later. */
const losses: readonly [string, (release: Release) => Promise<void>][] = [
  [
    'drained',
    async ({ putPod, pass, removePod }) => {
      putPod({ uid: '3', ready: true, conditions: [disrupted] });
      await pass(1);
      putPod({ uid: '3', ready: true, deleted: true, conditions: [disrupted] });
      putPod({ uid: '3', deleted: true, conditions: [disrupted], ended: killed, restarts: 1 });
      await pass(1);
      removePod('3');
    },
  ],
  ['deleted by force', ({ removePod }) => Promise.resolve(removePod('3'))],
  [
    'lost with its node',
    async ({ putPod, pass, removePod }) => {
      putPod({ uid: '3', cutOff: true });
      await pass(3);
      const reason = 'DeletionByTaintManager';
      putPod({ uid: '3', cutOff: true, deleted: true, conditions: [{ ...disrupted, reason }] });
      await pass(1);
      removePod('3');
    },
  ],
  [
    'on a spot machine that shuts down',
    async ({ putPod, pass }) => {
      putPod({ uid: '3', phase: 'Failed', reason: 'Terminated', ended: killed, restarts: 1 });
      await pass(1);
    },
  ],
  [
    'preempted by a pod of higher priority',
    async ({ putPod, pass, removePod }) => {
      const reason = 'PreemptionByScheduler';
      putPod({ uid: '3', ready: true, deleted: true, conditions: [{ ...disrupted, reason }] });
      await pass(1);
      removePod('3');
    },
  ],
];

describe('a good release of three pods is healthy', () => {
  test.each(lives)('at the usual time when it is %s', async (_, happen) => {
    const release = await underWay(3);
    await happen(release);
    expect(await release.pass(22)).toBe('healthy');
    expect(release.ended.result?.elapsedMs).toBeLessThan(33_000);
  });

  test.each(losses)('one soak after it is whole again when a pod is %s', async (_, happen) => {
    const release = await underWay(3);
    const { putPod, putDeployment, pass, ended, clock } = release;
    putDeployment(3, 2);
    await happen(release);
    putPod({ uid: '4', phase: 'Pending' });
    await pass(5);
    putPod({ uid: '4', ready: true });
    putDeployment(3, 3);
    const wholeMs = clock.now();
    expect(await pass(29)).toBeUndefined();
    expect(await pass(5)).toBe('healthy');
    expect((ended.atMs ?? 0) - wholeMs).toBeGreaterThanOrEqual(30_000);
  });
});

describe('a release of which one pod cannot be replaced', () => {
  const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };

  test('is not proven, and not held sick, when no node has room at the deadline', async () => {
    const { putPod, putDeployment, removePod, pass, ended } = await underWay(2);
    putDeployment(2, 1);
    removePod('2');
    putPod({ uid: '3', phase: 'Pending', conditions: [unscheduled] });
    expect(await pass(107)).toBeUndefined();
    expect(await pass(3)).toBe('not-enough-evidence');
    expect(ended.result?.cause).toContain('Unschedulable');
  });
});

describe('a pod that is to stay', () => {
  test('and crashes while another one is drained makes the release unhealthy', async () => {
    const { putPod, putDeployment, pass, ended } = await underWay(3);
    putDeployment(3, 2);
    putPod({ uid: '3', ready: true, deleted: true, conditions: [disrupted] });
    await pass(1);
    putPod({ uid: '1', restarts: 1, ended: { reason: 'Error', exitCode: 3 } });
    expect(await pass(2)).toBe('unhealthy');
    expect(ended.result?.cause).toContain('pod/api-1, container main ended with exit code 3');
  });

  test.each<[string, number, number]>([
    ['early', 0, 1],
    ['late', 16, 1],
    ['for longer', 5, 20],
  ])(
    'and loses its readiness once, %s, begins the soak anew and no more',
    async (_, second, forSeconds) => {
      const { putPod, putDeployment, pass, ended, clock } = await underWay(2);
      await pass(second);
      putPod({ uid: '1' });
      putDeployment(2, 1);
      await pass(forSeconds);
      putPod({ uid: '1', ready: true, since: 'b' });
      putDeployment(2, 2);
      const backMs = clock.now();
      expect(await pass(29)).toBeUndefined();
      expect(await pass(5)).toBe('healthy');
      expect((ended.atMs ?? 0) - backMs).toBeGreaterThanOrEqual(30_000);
    },
  );

  test('and has lost its readiness shortly before the deadline is not proven, not sick', async () => {
    const { putPod, putDeployment, pass } = await underWay(2, { minSoakMs: 100_000 });
    await pass(83);
    putPod({ uid: '1' });
    putDeployment(2, 1);
    expect(await pass(24)).toBeUndefined();
    expect(await pass(3)).toBe('not-enough-evidence');
  });

  test('and stays without its readiness for a minute makes the release unhealthy', async () => {
    const { putPod, putDeployment, pass, ended } = await underWay(2);
    putPod({ uid: '1' });
    putDeployment(2, 1);
    expect(await pass(58)).toBeUndefined();
    expect(await pass(5)).toBe('unhealthy');
    expect(ended.result?.cause).toContain('has not been so for 1m');
  });
});
