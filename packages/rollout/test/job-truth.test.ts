import { describe, expect, test } from '@jest/globals';
import { lastingTroubles, type RolloutTruth } from '../src/index.ts';
import { at, truthAfter, crashed, killed, oom } from './truth-of.ts';

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
