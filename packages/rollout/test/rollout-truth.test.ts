import { describe, expect, test } from '@jest/globals';
import {
  lastingTroubles,
  observe,
  rolloutTruth,
  unseenRollout,
  type RolloutTruth,
} from '../src/index.ts';
import { beganMs, recorded, stateAfter, type Seen, type Shape } from './recorded.ts';

const at = (second: number): number => beganMs + second * 1_000;

function truthAfter(...seen: [second: number, seen: Seen][]): RolloutTruth {
  const truth = rolloutTruth(stateAfter(...seen), at(60));
  if (truth === undefined) throw new Error('The workload of the recording is not there.');
  return truth;
}

/** A pod that looks so from second to second. */
const pod = (...shapes: Shape[]): [number, Seen][] =>
  shapes.map((shape, second) => [second + 1, { pod: shape }]);

const crashed = { reason: 'Error', exitCode: 3 };
const killed = { reason: 'Error', exitCode: 137 };
const oom = { reason: 'OOMKilled', exitCode: 137 };
const disrupted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };

describe('a pod that was to stay', () => {
  test.each<[string, Shape[], RegExp]>([
    [
      'and restarted after it was ready is at fault',
      [{ ready: true }, { ready: true, restarts: 1, ended: crashed }],
      /^pod\/api-1, container main ended with exit code 3 \(Error\) after it had been ready$/,
    ],
    [
      'and was killed for memory is at fault',
      [{ ready: false }, { restarts: 1, ended: oom }],
      /OOMKilled/,
    ],
    [
      'and lost readiness twice is at fault',
      [{ ready: true }, {}, { ready: true }, {}],
      /stopped being ready 2 times/,
    ],
    [
      'and flapped while nobody watched is known by the time of its state',
      [
        { ready: true, since: 'a' },
        { ready: true, since: 'b' },
        { ready: true, since: 'c' },
      ],
      /2 times/,
    ],
    [
      'and was restarted three times while young is at fault',
      [{ ready: true, restarts: 3 }],
      /restarted 3 times/,
    ],
    [
      'and crashed before its deletion is at fault still',
      [
        { ready: true },
        { ready: true, restarts: 1, ended: crashed },
        { deleted: true, restarts: 1, ended: crashed },
      ],
      /exit code 3/,
    ],
  ])('%s', (_, shapes, text) => {
    expect(truthAfter(...pod(...shapes)).faults.map((fault) => fault.text)).toEqual([
      expect.stringMatching(text),
    ]);
  });

  test.each<[string, Shape[]]>([
    ['and lost readiness once', [{ ready: true }, {}, { ready: true }]],
    ['and restarted before it was ever ready', [{}, { restarts: 1, ended: crashed }]],
  ])('%s is not at fault', (_, shapes) => {
    expect(truthAfter(...pod(...shapes)).faults).toEqual([]);
  });
});

describe('a pod that leaves says nothing against the release:', () => {
  test.each<[string, Shape[]]>([
    [
      'scaled in, ended by SIGKILL',
      [
        { ready: true },
        { ready: true, deleted: true },
        { deleted: true, ended: killed, restarts: 1 },
      ],
    ],
    [
      'evicted by a drain',
      [
        { ready: true },
        { ready: true, deleted: true, conditions: [disrupted] },
        { deleted: true, conditions: [disrupted], ended: killed, restarts: 1 },
      ],
    ],
    [
      'ended by its node, which was short of memory',
      [
        { ready: true },
        { phase: 'Failed', reason: 'Evicted', conditions: [disrupted], ended: killed, restarts: 1 },
      ],
    ],
    [
      'on a node that was lost',
      [
        { ready: true },
        { deleted: true, reason: 'NodeLost' },
        { deleted: true, reason: 'NodeLost' },
      ],
    ],
    [
      'on a node that shuts down',
      [{ ready: true }, { phase: 'Failed', reason: 'Terminated', ended: killed, restarts: 1 }],
    ],
  ])('%s', (_, shapes) => {
    const truth = truthAfter(...pod(...shapes));
    expect(truth).toMatchObject({ faults: [], serving: 0, present: [] });
    expect(lastingTroubles(truth, at(3_600))).toEqual([]);
  });

  test('it does not count among those that serve', () => {
    const truth = truthAfter(
      [1, { pod: { uid: '1', ready: true } }],
      [2, { pod: { uid: '2', ready: true, deleted: true } }],
    );
    expect(truth).toMatchObject({ serving: 1 });
    expect(truth.present.map(({ pod: one }) => one.metadata?.uid)).toEqual(['1']);
  });
});

describe('a rollout is steady', () => {
  const done = { rollout: { done: true, failed: false, message: 'done' } };

  test('when it is done and every pod that is to stay serves', () => {
    const truth = truthAfter(
      [1, { workload: done }],
      [2, { pod: { ready: true } }],
      [3, { pod: { uid: '2', ready: true, deleted: true } }],
    );
    expect(truth.steady).toBe(true);
  });

  test.each<[string, [number, Seen][]]>([
    ['without a pod', [[1, { workload: done }]]],
    [
      'while a pod is not ready',
      [
        [1, { workload: done }],
        [2, { pod: {} }],
      ],
    ],
    ['before its controller says so', [[2, { pod: { ready: true } }]]],
  ])('but not %s', (_, seen) => {
    expect(truthAfter(...seen).steady).toBe(false);
  });
});

describe('what is wrong', () => {
  const missing = { waiting: { reason: 'ImagePullBackOff', message: 'api:1: not found' } };
  const pulling = { waiting: { reason: 'ErrImagePull', message: 'api:1: not found' } };
  const loop = { waiting: { reason: 'CrashLoopBackOff' }, restarts: 1, ended: crashed };
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

describe('a recording', () => {
  const recording = recorded(
    [0, { workload: {} }],
    [2, { pod: {} }],
    [5, { pod: { ready: true } }],
    [9, { pod: { ready: true, restarts: 1, ended: crashed } }],
    [12, { pod: { deleted: true, restarts: 1, ended: crashed } }],
    [14, { pod: { deleted: true }, change: 'DELETED' }],
  );

  test('gives the same state when it was kept as JSON and is played again', () => {
    const again = JSON.parse(JSON.stringify(recording)) as typeof recording;
    expect(again.reduce(observe, unseenRollout)).toEqual(recording.reduce(observe, unseenRollout));
  });

  test('is not changed, and neither is an earlier state, by what comes later', () => {
    const early = recording.slice(0, 3).reduce(observe, unseenRollout);
    const copy = structuredClone(early);
    recording.slice(3).reduce(observe, early);
    expect(early).toEqual(copy);
  });

  test('of a workload that is not there has no truth', () => {
    const state = recorded([0, { workload: undefined }]).reduce(observe, unseenRollout);
    expect(rolloutTruth(state, at(1))).toBeUndefined();
  });
});
