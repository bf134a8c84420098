import { describe, expect, test } from '@jest/globals';
import { lastingTroubles, rolloutTruth } from '../src/index.ts';
import { stateAfter, type Shape } from './recorded.ts';
import { at, truthAfter, pod, crashed, killed, oom, disrupted } from './truth-of.ts';

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
