import { describe, expect, test } from '@jest/globals';
import type { DaemonSet, Deployment, Job, Pod, StatefulSet } from '../src/index.ts';
import { barePodStatus } from '../src/workload/bare-pod.ts';
import {
  daemonSetHold,
  deploymentHold,
  jobHold,
  statefulSetHold,
} from '../src/workload/rollout-hold.ts';
import { daemonSetReplacement, statefulSetReplacement } from '../src/workload/replacement.ts';
import { jobRollout } from '../src/workload/rollout-status.ts';

const seen = { metadata: { generation: 2 } };
const observed = { observedGeneration: 2 };

describe('a deployment', () => {
  const of = (spec: object, status: object): Deployment =>
    ({ ...seen, spec, status: { ...observed, ...status } }) as Deployment;

  test.each<[string, Deployment, string | undefined]>([
    ['of 0 replicas is nothing to verify', of({ replicas: 0 }, {}), 'nothing'],
    [
      'that is paused before it began is held back',
      of({ replicas: 2, paused: true }, { updatedReplicas: 0, replicas: 2 }),
      'nothing',
    ],
    [
      'that is paused while old pods are left is held back',
      of({ replicas: 2, paused: true }, { updatedReplicas: 2, replicas: 3 }),
      'nothing',
    ],
    [
      'that was paused after it was through is not',
      of({ replicas: 2, paused: true }, { updatedReplicas: 2, replicas: 2 }),
      undefined,
    ],
    [
      'whose pause its controller has not seen yet is not judged by an old status',
      of({ replicas: 2, paused: true }, { observedGeneration: 1, replicas: 2 }),
      undefined,
    ],
    ['that goes on is not held back', of({ replicas: 2 }, { updatedReplicas: 1 }), undefined],
  ])('%s', (_, deployment, kind) => {
    expect(deploymentHold(deployment).hold?.kind).toBe(kind);
  });
});

describe('a stateful set of 3', () => {
  const of = (updateStrategy: object, status: object): StatefulSet =>
    ({
      ...seen,
      spec: { replicas: 3, updateStrategy },
      status: { ...observed, currentRevision: 'old', updateRevision: 'new', ...status },
    }) as unknown as StatefulSet;
  const partition = (number: number) => ({
    type: 'RollingUpdate',
    rollingUpdate: { partition: number },
  });

  test.each<[string, StatefulSet, [kind: string | undefined, desired: number]]>([
    ['with partition 2 has one pod due', of(partition(2), {}), ['part', 1]],
    ['with partition 3 has none due', of(partition(3), {}), ['nothing', 0]],
    [
      'with partition 2 and one revision has all due',
      of(partition(2), { updateRevision: 'old' }),
      [undefined, 3],
    ],
    ['with OnDelete has none due', of({ type: 'OnDelete' }, {}), ['nothing', 0]],
    [
      'with OnDelete has those due that were deleted',
      of({ type: 'OnDelete' }, { updatedReplicas: 2 }),
      ['part', 2],
    ],
    [
      'with OnDelete and one revision has all due',
      of({ type: 'OnDelete' }, { updateRevision: 'old' }),
      ['part', 3],
    ],
    ['that rolls has all due', of({ type: 'RollingUpdate' }, {}), [undefined, 3]],
  ])('%s', (_, set, expected) => {
    const { hold, desired } = statefulSetHold(set);
    expect([hold?.kind, desired]).toEqual(expected);
  });

  test('with one pod is worded for one', () => {
    const set = of(partition(1), {});
    const { hold } = statefulSetHold({ ...set, spec: { ...set.spec, replicas: 1 } } as StatefulSet);
    expect(hold?.text).toBe('its partition 1 holds its only pod back');
  });
});

test.each<[string, object, object, [kind: string | undefined, desired: number]]>([
  ['that no node fits', {}, { desiredNumberScheduled: 0 }, ['nothing', 0]],
  ['that its controller has not seen', {}, { observedGeneration: 1 }, [undefined, 0]],
  [
    'with OnDelete and no pod replaced',
    { updateStrategy: { type: 'OnDelete' } },
    { desiredNumberScheduled: 3 },
    ['nothing', 0],
  ],
  [
    'with OnDelete and one pod replaced',
    { updateStrategy: { type: 'OnDelete' } },
    { desiredNumberScheduled: 3, updatedNumberScheduled: 1 },
    ['part', 1],
  ],
])('a daemon set %s', (_, spec, status, expected) => {
  const set = { ...seen, spec, status: { ...observed, ...status } } as unknown as DaemonSet;
  const { hold, desired } = daemonSetHold(set);
  expect([hold?.kind, desired]).toEqual(expected);
});

describe('a job', () => {
  const of = (spec: object, status: object = {}): Job => ({ spec, status }) as unknown as Job;
  const complete = { conditions: [{ type: 'Complete', status: 'True' }], succeeded: 3 };

  test.each<[string, Job, [kind: string | undefined, desired: number]]>([
    ['that runs wants its parallelism', of({ parallelism: 2, completions: 5 }), [undefined, 2]],
    [
      'wants no more than are left',
      of({ parallelism: 3, completions: 5 }, { succeeded: 4 }),
      [undefined, 1],
    ],
    ['that is suspended is told at once', of({ suspend: true }), ['nothing', 1]],
    ['that may run no pod likewise', of({ parallelism: 0 }), ['nothing', 0]],
    ['that is complete is not held back', of({ suspend: true }, complete), [undefined, 1]],
  ])('%s', (_, job, expected) => {
    const { hold, desired } = jobHold(job);
    expect([hold?.kind, desired]).toEqual(expected);
  });

  test.each<[string, object, [done: boolean, failed: boolean]]>([
    ['Complete', complete, [true, false]],
    ['Failed', { conditions: [{ type: 'Failed', status: 'True' }] }, [false, true]],
    ['FailureTarget', { conditions: [{ type: 'FailureTarget', status: 'True' }] }, [false, true]],
    [
      'SuccessCriteriaMet',
      { conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }] },
      [false, false],
    ],
    ['retries', { failed: 3, active: 1 }, [false, false]],
  ])('with %s stands so', (_, status, expected) => {
    const { done, failed } = jobRollout(of({ completions: 3 }, status));
    expect([done, failed]).toEqual(expected);
  });
});

describe('pods that are not ready are left to others', () => {
  const spec = { updateStrategy: { rollingUpdate: { partition: 1 } } };
  const left = (strategy: string) => ({ spec: { updateStrategy: { type: strategy } } });
  const set = (more: object): StatefulSet & DaemonSet =>
    ({ ...seen, status: observed, ...more }) as StatefulSet & DaemonSet;

  test.each<[string, object, object]>([
    [
      'by a stateful set, above its partition',
      statefulSetReplacement(set({ spec })),
      { replacement: { strategy: 'RollingUpdate', partition: 1 } },
    ],
    [
      'by OnDelete',
      statefulSetReplacement(set(left('OnDelete'))),
      { replacement: { strategy: 'OnDelete', partition: 0 } },
    ],
    [
      'by OnDelete of a daemon set',
      daemonSetReplacement(set(left('OnDelete'))),
      { replacement: { strategy: 'OnDelete', partition: 0 } },
    ],
    ['by no other daemon set', daemonSetReplacement(set(left('RollingUpdate'))), {}],
    [
      'by no stateful set that makes its pods in parallel',
      statefulSetReplacement(set({ spec: { ...spec, podManagementPolicy: 'Parallel' } })),
      {},
    ],
    [
      'by none whose controller has not seen the change',
      statefulSetReplacement(set({ spec, status: { observedGeneration: 1 } })),
      {},
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('a pod that no controller made', () => {
  const of = (phase: string, ready = false): Pod => ({
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
  test.each<[string, Pod, object]>([
    ['is done when it is ready', of('Running', true), { done: true, failed: false }],
    ['is done when it has completed', of('Succeeded'), { done: true, failed: false }],
    ['has failed when it has', of('Failed'), { done: false, failed: true }],
    ['is under way else', of('Pending'), { done: false, failed: false }],
  ])('%s', (_, pod, expected) => {
    expect(barePodStatus(pod)).toMatchObject(expected);
  });
});
