import { describe, expect, test } from '@jest/globals';
import { lastingTroubles, type RolloutTruth } from '../src/index.ts';
import { at, truthAfter, crashed } from './truth-of.ts';

describe('what is wrong', () => {
  const missing = { waiting: { reason: 'ImagePullBackOff', message: 'api:1: not found' } };
  const pulling = { waiting: { reason: 'ErrImagePull', message: 'api:1: not found' } };
  const loop = { waiting: { reason: 'CrashLoopBackOff' }, restarts: 3, ended: crashed };
  const reasons = (truth: RolloutTruth, second: number): string[] =>
    lastingTroubles(truth, at(second)).map(({ cause }) => cause.reason);

  test('counts once it has lasted for as long as its kind may', () => {
    const truth = truthAfter([5, { pod: pulling }]);
    expect([reasons(truth, 14), reasons(truth, 15)]).toEqual([[], ['ErrImagePull']]);
  });

  test('counts from when it was first seen, under whichever name of its kind', () => {
    const truth = truthAfter([5, { pod: pulling }], [9, { pod: missing }]);
    expect(truth.troubles).toMatchObject([
      { sinceMs: at(5), cause: { reason: 'ImagePullBackOff' } },
    ]);
  });

  test('gets its patience anew when it went away in between', () => {
    const truth = truthAfter([5, { pod: pulling }], [8, { pod: {} }], [20, { pod: pulling }]);
    expect(truth.troubles).toMatchObject([{ sinceMs: at(20) }]);
  });

  test('may last longer beside a pod that serves', () => {
    const alone = truthAfter([5, { pod: loop }]);
    const beside = truthAfter([5, { pod: loop }], [5, { pod: { uid: '2', ready: true } }]);
    expect([reasons(alone, 5), reasons(beside, 5)]).toEqual([['CrashLoopBackOff'], []]);
  });

  test('of pods that leave does not count, and neither does it of earlier revisions', () => {
    const old = { current: { owner: 'other' }, owners: ['rs', 'other'] };
    expect(truthAfter([5, { pod: { ...loop, deleted: true } }]).troubles).toEqual([]);
    expect(truthAfter([4, { workload: old }], [5, { pod: loop }]).troubles).toEqual([]);
  });

  test('with making pods begins anew with a new generation of the workload', () => {
    const about = { kind: 'ReplicaSet', name: 'api-r1', uid: 'rs' };
    const message = 'Error creating: pods "api" is forbidden: exceeded quota: few';
    const event = {
      type: 'Warning',
      reason: 'FailedCreate',
      message,
      count: 1,
      lastMs: 0,
      object: about,
    };
    const truth = truthAfter(
      [5, { events: [event] }],
      [30, { workload: { metadata: { uid: 'd', generation: 2 } } }],
    );
    expect(truth.troubles).toMatchObject([{ cause: { reason: 'QuotaExceeded' }, sinceMs: at(30) }]);
  });

  test('with making pods is known by the workload’s own status once its events are over', () => {
    const makingFails = 'pods "api-x" is forbidden: exceeded quota: few';
    const failed = { rollout: { done: false, failed: true, message: 'timed out' }, makingFails };
    expect(truthAfter([5, { workload: failed }]).gaveUp).toMatchObject({
      reason: 'QuotaExceeded',
      object: 'replicaset/api-r1',
      message: makingFails,
    });
  });

  test('explains why the controller gave up; without it the controller’s own words do', () => {
    const failed = { rollout: { done: false, failed: true, message: 'deadline exceeded' } };
    expect(truthAfter([5, { workload: failed }]).gaveUp).toMatchObject({
      object: 'deployment/api',
      message: 'deadline exceeded',
    });
    expect(truthAfter([4, { workload: failed }], [5, { pod: pulling }]).gaveUp).toMatchObject({
      object: 'pod/api-1',
      reason: 'ErrImagePull',
    });
  });
});
