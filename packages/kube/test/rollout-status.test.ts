import { describe, expect, test } from '@jest/globals';
import type { DaemonSet, Deployment, StatefulSet } from '../src/index.ts';
import { currentReplicaSet, parseWorkload, type ReplicaSet } from '../src/index.ts';
import {
  daemonSetRollout,
  deploymentRollout,
  statefulSetRollout,
} from '../src/workload/rollout-status.ts';

type Status = NonNullable<Deployment['status']>;

describe('the rollout of a deployment of 2', () => {
  test.each<[string, Partial<Status>, boolean, boolean, string]>([
    ['that its controller has not seen', { observedGeneration: 1 }, false, false, 'has not seen'],
    [
      'with one pod updated',
      { updatedReplicas: 1, replicas: 2 },
      false,
      false,
      '1 of 2 pods have been updated',
    ],
    ['with an old pod left', { updatedReplicas: 2, replicas: 3 }, false, false, '1 old pods'],
    [
      'with one pod available',
      { updatedReplicas: 2, replicas: 2, availableReplicas: 1 },
      false,
      false,
      '1 of 2 updated pods are available',
    ],
    [
      'that is through',
      { updatedReplicas: 2, replicas: 2, availableReplicas: 2 },
      true,
      false,
      '2 of 2',
    ],
    [
      'that was given up',
      {
        updatedReplicas: 1,
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'timed out',
          },
        ],
      },
      false,
      true,
      'timed out',
    ],
  ])('%s', (_, status, done, failed, message) => {
    const deployment = {
      metadata: { generation: 2 },
      spec: { replicas: 2 },
      status: { observedGeneration: 2, ...status },
    } as Deployment;
    const rollout = deploymentRollout(deployment);
    expect(rollout).toMatchObject({ done, failed });
    expect(rollout.message).toContain(message);
  });
});

test('a stateful set with a partition is done when the pods above it are new', () => {
  const set = (updatedReplicas: number): StatefulSet =>
    ({
      metadata: { generation: 1 },
      spec: {
        replicas: 3,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      },
      status: {
        observedGeneration: 1,
        readyReplicas: 3,
        updatedReplicas,
        currentRevision: 'a',
        updateRevision: 'b',
      },
    }) as StatefulSet;
  expect([statefulSetRollout(set(0)).done, statefulSetRollout(set(1)).done]).toEqual([false, true]);
});

test('a daemon set is done when every node has a new, available pod', () => {
  const set = (numberAvailable: number): DaemonSet =>
    ({
      metadata: { generation: 1 },
      spec: {},
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: 3,
        updatedNumberScheduled: 3,
        numberAvailable,
      },
    }) as DaemonSet;
  expect([daemonSetRollout(set(2)).done, daemonSetRollout(set(3)).done]).toEqual([false, true]);
});

describe('the current replica set', () => {
  const template = (image: string, hash?: string) => ({
    metadata: {
      labels: { app: 'api', ...(hash === undefined ? {} : { 'pod-template-hash': hash }) },
    },
    spec: { containers: [{ name: 'main', image }] },
  });
  const set = (
    name: string,
    image: string,
    creationTimestamp: string,
    uid = 'mine',
  ): ReplicaSet => ({
    metadata: {
      name,
      creationTimestamp,
      ownerReferences: [{ apiVersion: '', kind: '', name: '', uid, controller: true }],
    },
    spec: { selector: {}, template: template(image, name) },
  });
  const deployment: Deployment = {
    metadata: { uid: 'mine' },
    spec: { selector: {}, template: template('b') },
  };

  test('is the oldest of this deployment with the same template', () => {
    const sets = [
      set('later', 'b', '2026-01-03'),
      set('other', 'b', '2026-01-01', 'theirs'),
      set('first', 'b', '2026-01-02'),
      set('old', 'a', '2026-01-01'),
    ];
    expect(currentReplicaSet(deployment, sets)?.metadata?.name).toBe('first');
  });

  test('is not there before its controller made it', () => {
    expect(currentReplicaSet(deployment, [set('old', 'a', '2026-01-01')])).toBeUndefined();
  });
});

describe('the name of a workload', () => {
  test.each([
    ['deployment/api', 'deployment', 'api'],
    ['deploy/api', 'deployment', 'api'],
    ['api', 'deployment', 'api'],
    ['StatefulSet/db', 'statefulset', 'db'],
    ['ds/agent', 'daemonset', 'agent'],
    ['job.batch/migrate', 'job', 'migrate'],
  ])('%s', (text, kind, name) => {
    expect(parseWorkload(text, 'shop')).toEqual({ kind, name, namespace: 'shop' });
  });

  test.each([
    '',
    'pod/api',
    'deployment/',
    'deployment/a/b',
    'deployment/Api',
    'deployment/-a',
    '../secrets',
  ])('refuses %j', (text) => {
    expect(() => parseWorkload(text, 'shop')).toThrow(/is not (a workload|the name)/);
  });
});
