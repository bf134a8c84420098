import { describe, expect, test } from '@jest/globals';
import {
  checkpointOf,
  foldRecording,
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
      'and whose native sidecar crashed after it was ready is at fault',
      [
        { ready: true, init: { sidecar: true } },
        { ready: true, init: { sidecar: true, restarts: 1, ended: crashed } },
      ],
      /container init ended with exit code 3 \(Error\) after it had been ready$/,
    ],
    [
      'and whose native sidecar was killed for memory is at fault',
      [
        { init: { sidecar: true } },
        { init: { sidecar: true, terminated: { reason: 'OOMKilled', exitCode: 137 } } },
      ],
      /container init was killed for using too much memory/,
    ],
    [
      'and whose init container was killed for memory is at fault',
      [
        { phase: 'Pending', init: { sidecar: false } },
        { phase: 'Pending', init: { sidecar: false, terminated: oom } },
        { phase: 'Pending', init: { sidecar: false, restarts: 1, terminated: oom, ended: oom } },
        { phase: 'Pending', init: { sidecar: false, restarts: 1, ended: oom } },
      ],
      /container init was killed for using too much memory/,
    ],
    [
      'and used more storage than its own limit is at fault',
      [
        { ready: true },
        {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'Container main exceeded its local ephemeral storage limit "1Gi". ',
        },
      ],
      /^pod\/api-1 failed \(Evicted\): Container main exceeded its local ephemeral storage limit "1Gi"\.$/,
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

  test('and has not been ready for a minute after it had been is at fault, and not before', () => {
    const state = stateAfter(...pod({ ready: true }, {}));
    const faults = (second: number) =>
      rolloutTruth(state, at(second))?.faults.map(({ text }) => text);
    expect(faults(61)).toEqual([]);
    expect(faults(62)).toEqual(['pod/api-1 stopped being ready and has not been so for 1m 00s']);
  });

  test('and was restarted before it was watched is at fault with how it ended last', () => {
    const shape = { ready: true, restarts: 3, ended: oom };
    expect(truthAfter([1, { pod: shape }]).faults.map(({ text }) => text)).toEqual([
      'pod/api-1 has been restarted 3 times; container main ended last with exit code 137 (OOMKilled)',
    ]);
  });

  test('and is old is not at fault for the restarts of its life, however late the last one was', () => {
    const shape = { ready: true, restarts: 9, createdAt: '2025-06-01T00:00:00Z', ended: crashed };
    expect(truthAfter([1, { pod: shape }]).faults).toEqual([]);
  });

  test.each<[string, Shape[]]>([
    ['and lost readiness once', [{ ready: true }, {}, { ready: true }]],
    [
      'and lost its containers with its node, which was started anew',
      [
        { ready: true },
        { ready: true, restarts: 1, ended: { reason: 'Unknown', exitCode: 255 } },
        { ready: true, restarts: 2, ended: { reason: 'ContainerStatusUnknown', exitCode: 137 } },
      ],
    ],
    [
      'and was cut off with its node twice',
      [
        { ready: true },
        { cutOff: true },
        { ready: true, since: 'a' },
        { cutOff: true },
        { ready: true, since: 'b' },
      ],
    ],
    [
      'and whose init container ran again',
      [
        { ready: true, init: { sidecar: false } },
        { ready: true, init: { sidecar: false, restarts: 1 } },
      ],
    ],
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
    ...(
      [
        ['EvictionByEvictionAPI', 'a descheduler'],
        ['PreemptionByScheduler', 'a pod of higher priority'],
        ['DeletionByTaintManager', 'a taint'],
        ['DeletionByPodGC', 'the end of its node'],
        ['TerminationByKubelet', 'its kubelet'],
      ] as const
    ).map(([why, who]): [string, Shape[]] => [
      `taken away by ${who}`,
      [
        { ready: true },
        { ready: true, conditions: [{ ...disrupted, reason: why }] },
        { conditions: [{ ...disrupted, reason: why }], ended: killed, restarts: 1 },
        { deleted: true, conditions: [{ ...disrupted, reason: why }], restarts: 2, ended: oom },
      ],
    ]),
    ...[
      'NodeShutdown',
      'Terminated',
      'Preempting',
      'OutOfcpu',
      'OutOfephemeral-storage',
      'NodeAffinity',
      'TopologyAffinityError',
      'UnexpectedAdmissionError',
    ].map((reason): [string, Shape[]] => [
      `refused or ended by its kubelet: ${reason}`,
      [{ ready: true }, { phase: 'Failed', reason, ended: killed, restarts: 1 }],
    ]),
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

describe('a job', () => {
  const job = {
    ref: { kind: 'job', name: 'migrate', namespace: 'shop' },
    owners: ['job'],
    current: { owner: 'job' },
    revision: 'job',
  } as const;
  const status = (over: Partial<RolloutTruth['status']>) => ({
    ...job,
    rollout: { done: false, failed: false, message: '0 of 1 pods succeeded', ...over },
  });
  const run = { owner: 'job', restartPolicy: 'Never' } as const;
  const over = { phase: 'Failed', terminated: crashed, ...run };

  test('that completes is finished, and that its pod ended is no fault', () => {
    const truth = truthAfter(
      [1, { workload: status({}) }],
      [2, { pod: { ready: true, ...run } }],
      [
        5,
        { pod: { phase: 'Succeeded', terminated: { reason: 'Completed', exitCode: 0 }, ...run } },
      ],
      [6, { workload: status({ done: true, message: 'completed' }) }],
    );
    expect(truth).toMatchObject({ finished: true, faults: [], gaveUp: undefined });
  });

  test('whose pods failed and are tried again is at no fault', () => {
    const truth = truthAfter(
      [1, { workload: status({}) }],
      [2, { pod: { uid: '1', ready: true, ...run } }],
      [5, { pod: { uid: '1', ...over } }],
      [6, { pod: { uid: '2', ready: true, ...run } }],
      [7, { pod: { uid: '2', phase: 'Failed', terminated: oom, ...run } }],
      [8, { pod: { uid: '3', ready: true, restarts: 4, ended: crashed, ...run } }],
    );
    expect(truth).toMatchObject({ finished: false, faults: [], gaveUp: undefined });
    expect(lastingTroubles(truth, at(3_600))).toEqual([]);
  });

  test('that fails does so by how its last pod ended, be that pod deleted since', () => {
    const failed = status({ failed: true, message: 'Job has reached the specified backoff limit' });
    const truth = truthAfter(
      [1, { workload: status({}) }],
      [2, { pod: { ready: true, ...run } }],
      [5, { pod: { ...over, deleted: true } }],
      [6, { pod: { ...over, deleted: true }, change: 'DELETED' }],
      [7, { workload: failed }],
    );
    expect(truth.gaveUp).toMatchObject({
      object: 'pod/api-1',
      container: 'main',
      message: 'ends with exit code 3',
    });
  });

  test('that ran out of time does so by its own words', () => {
    const message = 'Job was active longer than specified deadline';
    const truth = truthAfter(
      [1, { workload: status({}) }],
      [2, { pod: { ready: true, ...run } }],
      [5, { pod: { ...over, deleted: true, terminated: killed } }],
      [7, { workload: status({ failed: true, message }) }],
    );
    expect(truth.gaveUp).toMatchObject({ object: 'job/migrate', message });
  });
});

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

  test('leaves a state that can be kept as JSON and says the same afterwards', () => {
    const state = [...recording, ...recorded([20, { pod: { uid: '2', ready: true } }])].reduce(
      observe,
      unseenRollout,
    );
    const kept = JSON.parse(JSON.stringify(checkpointOf(state))) as ReturnType<typeof checkpointOf>;
    expect(rolloutTruth(foldRecording([], kept), at(60))).toEqual(rolloutTruth(state, at(60)));
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
