import { describe, expect, test } from '@jest/globals';
import { lastingTroubles, rolloutTruth } from '../src/index.ts';
import { beganMs, stateAfter, type Seen } from './recorded.ts';
import { at, truthAfter, crashed } from './truth-of.ts';

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

describe('a rollout that was done', () => {
  const done = { rollout: { done: true, failed: false, message: 'done' } };
  const short = { rollout: { done: false, failed: false, message: '1 of 2 pods are available' } };
  const two: [number, Seen][] = [
    [1, { workload: { ...done, desired: 2 } }],
    [2, { pod: { uid: '1', ready: true } }],
    [3, { pod: { uid: '2', ready: true } }],
  ];
  const since = (second: number, ...seen: [number, Seen][]): number | undefined => {
    const sinceMs = rolloutTruth(stateAfter(...two, ...seen), at(second))?.steadySinceMs;
    return sinceMs === undefined ? undefined : (sinceMs - beganMs) / 1_000;
  };

  test.each<[string, number | undefined, [number, Seen][]]>([
    ['is steady since all pods served', 3, []],
    [
      'stays so when it is scaled in, which its pods tell first',
      3,
      [
        [20, { pod: { uid: '2', ready: true, deleted: true } }],
        [22, { workload: { ...done, desired: 1 } }],
        [24, { pod: { uid: '2', deleted: true }, change: 'DELETED' }],
      ],
    ],
    [
      'stays so when it is scaled in, which the workload tells first',
      3,
      [
        [20, { workload: { ...short, desired: 1 } }],
        [22, { pod: { uid: '2', ready: true, deleted: true } }],
        [23, { workload: { ...done, desired: 1 } }],
      ],
    ],
    [
      'begins anew when a pod is replaced',
      30,
      [
        [20, { pod: { uid: '2', deleted: true } }],
        [21, { pod: { uid: '3' } }],
        [30, { pod: { uid: '3', ready: true } }],
      ],
    ],
    [
      'begins anew when pods were short for longer than a scale-in takes to be read',
      26,
      [
        [20, { pod: { uid: '2', deleted: true } }],
        [26, { pod: { uid: '3', ready: true } }],
      ],
    ],
    ['is not so while pods are short', undefined, [[20, { pod: { uid: '2', deleted: true } }]]],
    [
      'is not so while a pod is cut off with its node',
      undefined,
      [[20, { pod: { uid: '2', cutOff: true } }]],
    ],
    [
      'begins anew when readiness was lost before everybody’s eyes',
      22,
      [
        [21, { pod: { uid: '2' } }],
        [22, { pod: { uid: '2', ready: true, since: 'b' } }],
      ],
    ],
    [
      'and likewise when it was lost unseen',
      22,
      [[22, { pod: { uid: '2', ready: true, since: 'b' } }]],
    ],
  ])('%s', (_, second, seen) => {
    expect(since(50, ...seen)).toBe(second);
  });

  test('waits for a node, a quota and a volume for the pods that come later', () => {
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
    const state = stateAfter(
      ...two,
      [20, { workload: { ...short, desired: 2 } }],
      [20, { pod: { uid: '2', deleted: true } }],
      [21, { pod: { uid: '3', phase: 'Pending', conditions: [unscheduled] } }],
    );
    const truth = rolloutTruth(state, at(600));
    expect(truth).toMatchObject({ done: false, wasDone: true, steady: false });
    expect(truth?.troubles).toMatchObject([{ cause: { reason: 'Unschedulable' } }]);
    expect(truth === undefined || lastingTroubles(truth, at(600))).toEqual([]);
  });

  test('is another one once its revision is another', () => {
    const next = { ...short, desired: 2, revision: 'r2', current: { owner: 'rs2' } };
    const truth = rolloutTruth(stateAfter(...two, [20, { workload: next }]), at(21));
    expect(truth).toMatchObject({ wasDone: false, steadySinceMs: undefined });
  });
});

describe('a rollout of which only a part is due', () => {
  const part = {
    hold: { kind: 'part', text: 'only the 1 of 3 pods above its partition 2 are due' },
    desired: 1,
    owners: ['set'],
    current: { revision: 'new' },
  } as const;
  const of = (revision: string) => ({
    owner: 'set',
    labels: { 'controller-revision-hash': revision },
  });

  test('is done when the pods that are due serve, whatever becomes of the others', () => {
    const truth = truthAfter(
      [1, { workload: part }],
      [2, { pod: { uid: '0', ready: true, ...of('old') } }],
      [3, { pod: { uid: '2', ready: true, ...of('new') } }],
      [4, { pod: { uid: '0', restarts: 5, ended: crashed, ...of('old') } }],
    );
    expect(truth).toMatchObject({ done: true, steady: true, faults: [], troubles: [], serving: 1 });
    expect(truth.steadySinceMs).toBe(at(3));
  });

  test('is not done before they do', () => {
    const truth = truthAfter([1, { workload: part }], [3, { pod: { uid: '2', ...of('new') } }]);
    expect(truth).toMatchObject({ done: false, steady: false });
  });
});
