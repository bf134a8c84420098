import { describe, expect, test } from '@jest/globals';
import type { Cause, Pod } from '@slipway/kube';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import { podFinding } from '../src/findings/pod-findings.ts';
import { workloadOf } from '../../rollout/test/recorded.ts';
import { deadlineFinding } from '../src/findings/deadline-finding.ts';
import { rolloutFinding } from '../src/findings/rollout-findings.ts';
import { underWay, quota, record, restarted } from './found-facts.ts';

describe('the pods', () => {
  const finding = (records: PodRecord[], over: Partial<RolloutTruth> = {}) =>
    podFinding({
      ...underWay,
      pods: records,
      present: records,
      serving: records.filter(({ ready }) => ready).length,
      ...over,
    });

  test.each<[string, PodRecord[], string, RegExp]>([
    ['that are ready are good', [record({})], 'good', /1 of 1 new pods are ready, no restart/],
    ['that are not ready yet are open', [record({ ready: false })], 'open', /0 of 1/],
    ['are open while one is missing', [], 'open', /0 of 1/],
    [
      'that lost readiness once are good again, and it is noted',
      [record({ flapsMs: [1] })],
      'good',
      /readiness was lost once/,
    ],
    [
      'that restarted before they were ready are good, and it is noted',
      [record({ pod: restarted })],
      'good',
      /, 1 restart$/,
    ],
  ])('%s', (_, records, state, detail) => {
    expect(finding(records)).toMatchObject({ state, detail: expect.stringMatching(detail) });
  });

  test('of which one is at fault are bad, with what Kubernetes names as the cause', () => {
    const fault = { pod: 'api-1', kind: 'ended', text: 'pod/api-1 ended' } as const;
    const cause: Cause = { object: 'pod/api-1', reason: 'R', message: 'm', recovery: 'unlikely' };
    const trouble = { cause, sinceMs: 0, podUid: '1', allowedMs: undefined };
    expect(finding([record({})], { faults: [fault], troubles: [trouble] })).toMatchObject({
      state: 'bad',
      detail: 'pod/api-1 ended; pod/api-1: R: m',
    });
  });
});

describe('a rollout', () => {
  const cause: Cause = { object: 'pod/a', reason: 'R', message: 'm', recovery: 'unlikely' };
  const find = (truth: Partial<RolloutTruth>, elapsedMs = 10_000) =>
    rolloutFinding({ ...underWay, ...truth }, { nowMs: elapsedMs, elapsedMs, deadlineMs: 60_000 });
  const trouble = (allowedMs: number | undefined) => ({
    troubles: [{ cause, sinceMs: 0, podUid: undefined, allowedMs }],
  });
  const done = { done: true, failed: false, message: 'done' };

  test.each<[string, Partial<RolloutTruth>, number, string]>([
    ['under way is open', {}, 10_000, 'open'],
    ['whose trouble has lasted too long is bad', trouble(10_000), 10_000, 'bad'],
    ['whose trouble may pass is open', trouble(10_001), 10_000, 'open'],
    ['whose trouble may last is waited for', trouble(undefined), 59_999, 'open'],
    ['that is not done at the deadline is bad', trouble(undefined), 60_000, 'bad'],
    ['whose controller gave up is bad', { gaveUp: cause }, 10_000, 'bad'],
    ['that is done is good', { status: done, done: true }, 60_000, 'good'],
    ['that was done and is short at the deadline is open', { wasDone: true }, 60_000, 'open'],
    [
      'that was done and lacks nothing is good, whatever its controller is at',
      { wasDone: true, steadySinceMs: 5 },
      10_000,
      'good',
    ],
    [
      'that waits for somebody’s word at the deadline is open',
      { hold: { kind: 'pause', text: 'it is paused at a step' } },
      60_000,
      'open',
    ],
    ['of a job at work at the deadline is open', { isJob: true }, 60_000, 'open'],
  ])('%s', (_, truth, elapsedMs, state) => {
    expect(find(truth, elapsedMs).state).toBe(state);
  });
});

test('a rollout that waits in vain for a pod of an earlier revision names it', () => {
  const blocked: Cause = { object: 'pod/db-0', reason: 'R', message: 'm', recovery: 'unlikely' };
  const found = rolloutFinding(
    { ...underWay, stuck: [{ pod: {}, cause: blocked }] },
    { nowMs: 60_000, elapsedMs: 60_000, deadlineMs: 60_000 },
  );
  expect(found).toMatchObject({ state: 'bad', detail: 'pod/db-0: R: m' });
});

describe('what is held back', () => {
  const at = { nowMs: 0, elapsedMs: 0, deadlineMs: 60_000 };

  test('is told at once, and nothing is held against the release', () => {
    const hold = { kind: 'nothing', text: 'the workload wants 0 pods' } as const;
    const trouble = { cause: quota, sinceMs: -60_000, podUid: undefined, allowedMs: 0 };
    expect(rolloutFinding({ ...underWay, hold, troubles: [trouble] }, at)).toMatchObject({
      state: 'open',
      final: true,
      detail: 'the workload wants 0 pods',
    });
  });

  test('in part is judged by the part that is due, and that is said', () => {
    const hold = {
      kind: 'part',
      text: 'only the 1 of 3 pods above its partition 2 are due',
    } as const;
    const part = { ...underWay, hold, done: true, wasDone: true, serving: 1 };
    expect(rolloutFinding(part, at)).toMatchObject({
      state: 'good',
      detail: '1 of 1 serve; only the 1 of 3 pods above its partition 2 are due',
    });
  });

  test('is a job that has completed not, and that is final', () => {
    const status = { done: true, failed: false, message: 'completed, 1 pod succeeded' };
    const job = { ...underWay, isJob: true, finished: true, status, done: true };
    expect(rolloutFinding(job, at)).toMatchObject({ state: 'good', final: true });
  });

  test('is a job that failed not: it is bad by its pod’s end and its own words', () => {
    const status = { done: false, failed: true, message: 'reached the backoff limit' };
    const found = rolloutFinding({ ...underWay, isJob: true, status, gaveUp: quota }, at);
    expect(found).toMatchObject({
      state: 'bad',
      detail: 'replicaset/a: QuotaExceeded: exceeded quota; reached the backoff limit',
    });
  });
});

describe('a deadline', () => {
  const template: NonNullable<Pod['spec']> = {
    containers: [
      { name: 'main', readinessProbe: { initialDelaySeconds: 20 } },
      { name: 'side', startupProbe: { initialDelaySeconds: 5 } },
    ],
  };
  const workload = { ...workloadOf({ template, minReadyMs: 10_000 }) };
  const find = (deadlineMs: number, wasDone = false) =>
    deadlineFinding(workload, wasDone, { minSoakMs: 30_000, deadlineMs });

  test('that no new pod could meet is told before any waiting', () => {
    expect(find(60_000)).toMatchObject({
      state: 'open',
      final: true,
      detail: expect.stringContaining('a verdict takes at least 1m 00s'),
    });
  });

  test('that one could meet is not spoken of, and neither is one of pods that serve already', () => {
    expect([find(60_001), find(31_000, true)]).toEqual([undefined, undefined]);
  });
});
