import { describe, expect, test } from '@jest/globals';
import type { Cause, Pod } from '@slipway/kube';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import { podFinding } from '../src/findings/pod-findings.ts';
import {
  newProbeRecord,
  probeFinding,
  recordProbe,
  type ProbeOutcome,
} from '../src/findings/probe-findings.ts';
import { ownProbePaths, probeAddress } from '../src/observe/prober.ts';
import { rolloutFinding } from '../src/findings/rollout-findings.ts';

/** A rollout of which nothing is wrong and nothing serves yet. */
const underWay: RolloutTruth = {
  status: { done: false, failed: false, message: '0 of 1' },
  desired: 1,
  pods: [],
  present: [],
  serving: 0,
  steady: false,
  troubles: [],
  faults: [],
  gaveUp: undefined,
};

function record(over: Partial<PodRecord>): PodRecord {
  return {
    pod: { metadata: { name: 'api-1', uid: '1' } },
    startedMs: 0,
    ready: true,
    everReady: true,
    flapsMs: [],
    ends: [],
    leaving: false,
    gone: false,
    ...over,
  };
}

const restarted: Pod = {
  status: {
    containerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: 1 }],
  },
};

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

describe('probing a path', () => {
  const ok: ProbeOutcome = { kind: 'answered', status: 200, durationMs: 5, body: '' };
  const answer = (status: number): ProbeOutcome => ({ ...ok, status });
  const silence: ProbeOutcome = { kind: 'no-answer', why: 'no answer within 5 s' };
  const barred: ProbeOutcome = { kind: 'unasked', why: 'i/o timeout', settled: false };
  const probed = (...outcomes: ProbeOutcome[]) =>
    probeFinding('/readyz', [outcomes.reduce(recordProbe, newProbeRecord('api-1', '/readyz'))], 1)
      .state;

  test.each<[string, ProbeOutcome[], string]>([
    ['never is open', [], 'open'],
    ['with success is good', [ok], 'good'],
    ['with a redirect is good', [answer(302)], 'good'],
    ['with one failure among successes is good again', [ok, answer(500), ok], 'good'],
    ['with a failure last is open', [ok, answer(500)], 'open'],
    ['with two failures in a row is bad', [ok, answer(503), answer(503)], 'bad'],
    ['with silence twice is bad', [ok, silence, silence], 'bad'],
    ['with three failures in all is bad', [silence, ok, silence, ok, silence, ok], 'bad'],
    ['that no pod knows is blind', [answer(404), answer(404)], 'blind'],
    ['that wants a login is blind', [answer(401), answer(401)], 'blind'],
    ['that was there and is gone is bad', [ok, answer(404), answer(404)], 'bad'],
    ['that cannot be asked is blind', [barred], 'blind'],
  ])('%s', (_, outcomes, state) => {
    expect(probed(...outcomes)).toBe(state);
  });

  test('is open while one pod has not answered', () => {
    const first = recordProbe(newProbeRecord('a', '/'), ok);
    expect(probeFinding('/', [first], 2).state).toBe('open');
  });

  test('finds port, scheme and paths in the pod’s own probes', () => {
    const spec: NonNullable<Pod['spec']> = {
      containers: [
        {
          name: 'main',
          ports: [{ name: 'web', containerPort: 8443 }],
          readinessProbe: { httpGet: { path: '/ready', port: 'web', scheme: 'HTTPS' } },
          livenessProbe: { httpGet: { port: 'web' } },
        },
      ],
    };
    const request = { port: undefined, scheme: undefined, timeoutMs: 1 };
    expect(probeAddress({ spec }, request)).toEqual({ port: 8443, scheme: 'https' });
    expect(probeAddress({ spec }, { ...request, port: '80', scheme: 'http' })).toEqual({
      port: 80,
      scheme: 'http',
    });
    expect(probeAddress({ spec }, { ...request, port: 'admin' })).toBeUndefined();
    expect(ownProbePaths(spec)).toEqual(['/ready', '/']);
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
    ['that is done is good', { status: done }, 60_000, 'good'],
    ['of no pods is open', { desired: 0, status: done }, 10_000, 'open'],
  ])('%s', (_, truth, elapsedMs, state) => {
    expect(find(truth, elapsedMs).state).toBe(state);
  });
});
