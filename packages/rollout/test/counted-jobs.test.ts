import { describe, expect, test } from '@jest/globals';
import { lastingTroubles, rolloutTruth, usualTemper, type Temper } from '../src/index.ts';
import { beganMs, stateAfter, type Seen, type Shape } from './recorded.ts';

const job = {
  ref: { kind: 'job', name: 'migrate', namespace: 'shop' },
  owners: ['job'],
  current: { owner: 'job' },
  revision: 'job',
  rollout: { done: false, failed: false, message: '0 of 1 pods succeeded' },
} as const;
const run = { owner: 'job', restartPolicy: 'Never' } as const;
const failed = (uid: string, exitCode: number, more: Partial<Shape> = {}): Seen => ({
  pod: { uid, phase: 'Failed', terminated: { reason: 'Error', exitCode }, ...run, ...more },
});

/** Messages of what is wrong for too long, by a judge that counts for jobs unless told otherwise. */
function broken(seen: readonly Seen[], temper: Partial<Temper> = {}): string[] {
  const pods = seen.map((one, index): [number, Seen] => [index + 2, one]);
  const state = stateAfter([1, { workload: job }], ...pods);
  const nowMs = beganMs + 60_000;
  const truth = rolloutTruth(state, nowMs, { ...usualTemper, countsJobs: true, ...temper });
  if (truth === undefined) throw new Error('The job is not there.');
  return lastingTroubles(truth, nowMs).map(({ cause }) => cause.message);
}

describe('the pods of a job that fail', () => {
  const four = ['1', '2', '3', '4'].map((uid) => failed(uid, 4));

  test('count together, and the fourth is one too many', () => {
    expect(broken(four.slice(0, 3))).toEqual([]);
    expect(broken(four)[0]).toBe('ends with exit code 4; so it went 4 times in job/migrate');
  });

  test('count also when they are gone', () => {
    const gone: Seen = { ...failed('1', 4), change: 'DELETED' };
    expect(broken([gone, ...four.slice(1)])).toHaveLength(3);
  });

  test('count only where they fail in the same way', () => {
    expect(broken([failed('1', 4), failed('2', 5), failed('3', 4), failed('4', 5)])).toEqual([]);
  });

  test('do not count for who leaves a job to its own count', () => {
    expect(broken(four, { countsJobs: false })).toEqual([]);
  });

  test('of a job that was there before under the same name do not count', () => {
    const before: [number, Seen][] = four.map((seen, index) => [index + 2, seen]);
    const state = stateAfter(
      [1, { workload: job }],
      ...before,
      [7, { workload: { ...job, owners: ['next'], current: { owner: 'next' } } }],
      [8, failed('5', 4, { owner: 'next' })],
    );
    const temper = { ...usualTemper, countsJobs: true };
    expect(rolloutTruth(state, beganMs + 60_000, temper)?.troubles).toMatchObject([
      { allowedMs: undefined, cause: { message: 'ends with exit code 4' } },
    ]);
  });
});
