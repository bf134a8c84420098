import { describe, expect, test } from '@jest/globals';
import type { Cause, Change, Pod } from '@slipway/kube';
import {
  scrapeFinding,
  shareFinding,
  valueFinding,
  type Evaluation,
} from '../src/findings/metric-findings.ts';
import { podFinding } from '../src/findings/pod-findings.ts';
import { recordChange, type PodHistory } from '../src/findings/pod-history.ts';
import {
  newProbeRecord,
  probeFinding,
  recordProbe,
  type ProbeOutcome,
} from '../src/findings/probe-findings.ts';
import { ownProbePaths, probeAddress } from '../src/observe/prober.ts';
import { parseRequirement } from '../src/judge/requirement.ts';
import { rolloutFinding } from '../src/findings/rollout-findings.ts';

const began = Date.parse('2026-01-01T00:00:00Z');

interface Shape {
  ready: boolean;
  restarts?: number;
  ended?: { reason: string; exitCode: number };
  since?: string;
  deleted?: boolean;
}

const pod = ({ ready, restarts = 0, ended, since = '', deleted }: Shape): Pod => ({
  metadata: {
    name: 'api-1',
    uid: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(deleted === true ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}),
  },
  status: {
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since }],
    containerStatuses: [
      {
        name: 'main',
        image: '',
        imageID: '',
        ready,
        restartCount: restarts,
        state: { running: { startedAt: '2026-01-01T00:00:01Z' } },
        ...(ended === undefined
          ? {}
          : { lastState: { terminated: { ...ended, containerID: `${restarts}` } } }),
      },
    ],
  },
});

function history(...shapes: Shape[]): PodHistory {
  return shapes.reduce<PodHistory>((known, shape, index) => {
    const change: Change<Pod> = { type: index === 0 ? 'ADDED' : 'MODIFIED', object: pod(shape) };
    return recordChange(known, change, began + index * 1_000);
  }, new Map());
}

const judged = (...shapes: Shape[]) =>
  podFinding([...history(...shapes).values()], new Map(), 1, began + 60_000);

describe('the history of a pod', () => {
  test.each<[string, Shape[], string, RegExp]>([
    ['that is ready is good', [{ ready: true }], 'good', /1 of 1 new pods are ready, no restart/],
    ['that is not ready yet is open', [{ ready: false }], 'open', /0 of 1/],
    [
      'that lost readiness once is good again, and noted',
      [{ ready: true }, { ready: false }, { ready: true }],
      'good',
      /readiness was lost once/,
    ],
    [
      'that lost readiness twice is bad',
      [{ ready: true }, { ready: false }, { ready: true }, { ready: false }],
      'bad',
      /stopped being ready 2 times/,
    ],
    [
      'that flapped while nobody watched is known by the time of its state',
      [
        { ready: true, since: 'a' },
        { ready: true, since: 'b' },
        { ready: true, since: 'c' },
      ],
      'bad',
      /2 times/,
    ],
    [
      'that restarted before it was ever ready may still be good',
      [
        { ready: false },
        { ready: false, restarts: 1, ended: { reason: 'Error', exitCode: 1 } },
        { ready: true, restarts: 1 },
      ],
      'good',
      /1 restarts/,
    ],
    [
      'that restarted after it was ready is bad',
      [{ ready: true }, { ready: true, restarts: 1, ended: { reason: 'Error', exitCode: 3 } }],
      'bad',
      /exit code 3 \(Error\) after it had been ready/,
    ],
    [
      'that was killed for memory is bad',
      [
        { ready: false },
        { ready: false, restarts: 1, ended: { reason: 'OOMKilled', exitCode: 137 } },
      ],
      'bad',
      /OOMKilled/,
    ],
    [
      'that was restarted three times while young is bad',
      [{ ready: true, restarts: 3 }],
      'bad',
      /restarted 3 times/,
    ],
  ])('%s', (_, shapes, state, detail) => {
    const finding = judged(...shapes);
    expect(finding.state).toBe(state);
    expect(finding.detail).toMatch(detail);
  });

  test('is not blamed for a pod that is being deleted', () => {
    expect(
      judged({ ready: true }, { ready: false, deleted: true }, { ready: false, deleted: true }),
    ).toMatchObject({ state: 'open' });
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
  const cause = (mends: Cause['mends'], reason = 'R'): Cause => ({
    object: 'pod/a',
    reason,
    message: 'm',
    mends,
  });
  const find = (cause: Cause | undefined, forMs: number, elapsedMs = 10_000) =>
    rolloutFinding(
      {
        status: { done: false, failed: false, message: '0 of 1' },
        desired: 1,
        causes: cause === undefined ? [] : [{ cause, forMs }],
      },
      { elapsedMs, deadlineMs: 60_000 },
    ).state;

  test.each<[string, Cause | undefined, number, number, string]>([
    ['under way is open', undefined, 0, 10_000, 'open'],
    ['with what waiting never mends is bad after a moment', cause('never'), 3_000, 10_000, 'bad'],
    [
      'with what waiting hardly mends is not given up at once',
      cause('unlikely'),
      3_000,
      10_000,
      'open',
    ],
    [
      'with what waiting hardly mends is bad when it stays',
      cause('unlikely'),
      8_000,
      10_000,
      'bad',
    ],
    ['in a crash loop is bad at once', cause('unlikely', 'CrashLoopBackOff'), 0, 10_000, 'bad'],
    ['with what may pass is waited for', cause('maybe'), 50_000, 50_000, 'open'],
    ['that is not done at the deadline is bad', cause('maybe'), 50_000, 60_000, 'bad'],
  ])('%s', (_, named, forMs, elapsedMs, state) => {
    expect(find(named, forMs, elapsedMs)).toBe(state);
  });
});

describe('metrics', () => {
  const must = parseRequirement('< 0.1');
  const evaluations = (...outcomes: Evaluation['outcome'][]): Evaluation[] =>
    outcomes.map((outcome, index) => ({ outcome, atMs: index * 5_000, shown: outcome }));
  const value = (over: boolean, ...outcomes: Evaluation['outcome'][]) =>
    valueFinding(
      {
        name: 'a',
        must,
        evaluations: evaluations(...outcomes),
        intervalMs: 5_000,
        missing: undefined,
      },
      { nowMs: 100_000, over },
    ).state;

  test.each<[string, boolean, Evaluation['outcome'][], string]>([
    ['not evaluated is open', false, [], 'open'],
    ['held once is open', false, ['holds'], 'open'],
    ['held twice is good', false, ['holds', 'holds'], 'good'],
    ['violated once is open', false, ['holds', 'violated'], 'open'],
    ['violated three times on end is bad', false, ['violated', 'violated', 'violated'], 'bad'],
    [
      'violated on and off stays open',
      false,
      ['violated', 'holds', 'violated', 'holds', 'violated'],
      'open',
    ],
    ['violated twice at the deadline is bad', true, ['violated', 'violated'], 'bad'],
    ['no data is never good', true, ['holds', 'holds', 'no-data'], 'open'],
    ['NaN and Inf are never good', true, ['no-number', 'no-number'], 'open'],
    ['a partial answer is blind', true, ['holds', 'holds', 'partial'], 'blind'],
  ])('of an assertion: %s', (_, over, outcomes, state) => {
    expect(value(over, ...outcomes)).toBe(state);
  });

  test('of a share with Prometheus’s warnings are never good, but may be bad', () => {
    const warnings = ['a store did not answer'];
    const share = (bad: number) =>
      shareFinding({
        name: 'errors',
        must,
        units: Array.from({ length: 10 }, () => ({ total: 30, bad })),
        missing: undefined,
        warnings,
      }).state;
    expect([share(0), share(9)]).toEqual(['blind', 'bad']);
  });

  test('that are not scraped name the rung that is broken', () => {
    const target = {
      labels: {},
      discovered: {},
      pool: '',
      url: 'http://x',
      health: 'down',
      lastError: '',
      lastScrapeMs: 1,
      intervalMs: 2_000,
    } as const;
    const at = (
      state: Parameters<typeof scrapeFinding>[0]['pods'][number]['state'],
      worstForMs = 0,
    ) => scrapeFinding({ pods: [{ name: 'a', state }], worstForMs, intervalMs: 2_000 });
    expect(at({ rung: 'up', target })).toMatchObject({ state: 'good' });
    expect(at({ rung: 'not-scraped-yet', target })).toMatchObject({ state: 'open' });
    expect(at({ rung: 'failing', target, error: 'refused' })).toMatchObject({
      state: 'blind',
      settled: false,
    });
    expect(at({ rung: 'failing', target, error: 'refused' }, 20_000)).toMatchObject({
      state: 'blind',
      settled: true,
    });
    expect(at({ rung: 'not-discovered' })).toMatchObject({ state: 'blind' });
    expect(scrapeFinding({ pods: [], worstForMs: 0, intervalMs: 1 }).state).toBe('open');
  });
});
