import { describe, expect, test } from '@jest/globals';
import type { Cause, Pod } from '@slipway/kube';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import { podFinding } from '../src/findings/pod-findings.ts';
import { workloadOf } from '../../rollout/test/recorded.ts';
import { deadlineFinding } from '../src/findings/deadline-finding.ts';
import { imageFinding, isReleased, parseReleasedImage } from '../src/findings/image-finding.ts';
import { servingFinding } from '../src/findings/serving-finding.ts';
import { rolloutFinding } from '../src/findings/rollout-findings.ts';

/** A rollout of which nothing is wrong and nothing serves yet. */
const underWay: RolloutTruth = {
  status: { done: false, failed: false, message: '0 of 1' },
  done: false,
  wasDone: false,
  isJob: false,
  finished: false,
  hold: undefined,
  desired: 1,
  pods: [],
  present: [],
  serving: 0,
  steady: false,
  steadySinceMs: undefined,
  troubles: [],
  faults: [],
  gaveUp: undefined,
  stuck: [],
};

const quota: Cause = {
  object: 'replicaset/a',
  reason: 'QuotaExceeded',
  message: 'exceeded quota',
  recovery: 'unlikely',
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
    ['that is done is good', { status: done, done: true }, 60_000, 'good'],
    ['that was done and is short at the deadline is open', { wasDone: true }, 60_000, 'open'],
    [
      'that was done and lacks nothing is good, whatever its controller is at',
      { wasDone: true, steadySinceMs: 5 },
      10_000,
      'good',
    ],
    [
      'that waits for somebody’s word at the deadline is open',
      { hold: { kind: 'pause', text: 'it is paused at a step' } },
      60_000,
      'open',
    ],
    ['of a job at work at the deadline is open', { isJob: true }, 60_000, 'open'],
  ])('%s', (_, truth, elapsedMs, state) => {
    expect(find(truth, elapsedMs).state).toBe(state);
  });
});

test('a rollout that waits in vain for a pod of an earlier revision names it', () => {
  const blocked: Cause = { object: 'pod/db-0', reason: 'R', message: 'm', recovery: 'unlikely' };
  const found = rolloutFinding(
    { ...underWay, stuck: [{ pod: {}, cause: blocked }] },
    { nowMs: 60_000, elapsedMs: 60_000, deadlineMs: 60_000 },
  );
  expect(found).toMatchObject({ state: 'bad', detail: 'pod/db-0: R: m' });
});

describe('what is held back', () => {
  const at = { nowMs: 0, elapsedMs: 0, deadlineMs: 60_000 };

  test('is told at once, and nothing is held against the release', () => {
    const hold = { kind: 'nothing', text: 'the workload wants 0 pods' } as const;
    const trouble = { cause: quota, sinceMs: -60_000, podUid: undefined, allowedMs: 0 };
    expect(rolloutFinding({ ...underWay, hold, troubles: [trouble] }, at)).toMatchObject({
      state: 'open',
      final: true,
      detail: 'the workload wants 0 pods',
    });
  });

  test('in part is judged by the part that is due, and that is said', () => {
    const hold = {
      kind: 'part',
      text: 'only the 1 of 3 pods above its partition 2 are due',
    } as const;
    const part = { ...underWay, hold, done: true, wasDone: true, serving: 1 };
    expect(rolloutFinding(part, at)).toMatchObject({
      state: 'good',
      detail: '1 of 1 serve; only the 1 of 3 pods above its partition 2 are due',
    });
  });

  test('is a job that has completed not, and that is final', () => {
    const status = { done: true, failed: false, message: 'completed, 1 pod succeeded' };
    const job = { ...underWay, isJob: true, finished: true, status, done: true };
    expect(rolloutFinding(job, at)).toMatchObject({ state: 'good', final: true });
  });

  test('is a job that failed not: it is bad by its pod’s end and its own words', () => {
    const status = { done: false, failed: true, message: 'reached the backoff limit' };
    const found = rolloutFinding({ ...underWay, isJob: true, status, gaveUp: quota }, at);
    expect(found).toMatchObject({
      state: 'bad',
      detail: 'replicaset/a: QuotaExceeded: exceeded quota; reached the backoff limit',
    });
  });
});

describe('a deadline', () => {
  const template: NonNullable<Pod['spec']> = {
    containers: [
      { name: 'main', readinessProbe: { initialDelaySeconds: 20 } },
      { name: 'side', startupProbe: { initialDelaySeconds: 5 } },
    ],
  };
  const workload = { ...workloadOf({ template, minReadyMs: 10_000 }) };
  const find = (deadlineMs: number, wasDone = false) =>
    deadlineFinding(workload, wasDone, { minSoakMs: 30_000, deadlineMs });

  test('that no new pod could meet is told before any waiting', () => {
    expect(find(60_000)).toMatchObject({
      state: 'open',
      final: true,
      detail: expect.stringContaining('a verdict takes at least 1m 00s'),
    });
  });

  test('that one could meet is not spoken of, and neither is one of pods that serve already', () => {
    expect([find(60_001), find(31_000, true)]).toEqual([undefined, undefined]);
  });
});

describe('the released image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const other = `sha256:${'b'.repeat(64)}`;
  const images = [parseReleasedImage(`ghcr.io/acme/api:1.2@${digest}`)];
  const run = (image: string, imageID = ''): PodRecord =>
    record({
      pod: {
        metadata: { name: 'api-1', uid: '1' },
        spec: {
          containers: [
            { name: 'proxy', image: `ghcr.io/mesh/proxy@${other}` },
            { name: 'main', image },
          ],
        },
        status: {
          containerStatuses: [{ name: 'main', image, imageID, ready: true, restartCount: 0 }],
        },
      },
    });

  test.each<[string, PodRecord[], string]>([
    ['is run where the pod names its digest', [run(`ghcr.io/acme/api@${digest}`)], 'good'],
    [
      'is run where the pod names the index and the runtime one platform of it',
      [run(`ghcr.io/acme/api@${digest}`, `ghcr.io/acme/api@${other}`)],
      'good',
    ],
    [
      'is run where a tag was resolved to it',
      [run('ghcr.io/acme/api:1.2', `ghcr.io/acme/api@${digest}`)],
      'good',
    ],
    [
      'is not run where the tag was resolved to another',
      [run('ghcr.io/acme/api:1.2', `ghcr.io/acme/api@${other}`)],
      'open',
    ],
    ['is not run where nothing was pulled yet', [run('ghcr.io/acme/api:1.2')], 'open'],
    [
      'is not run by all where one pod runs another',
      [run(`ghcr.io/acme/api@${digest}`), run('ghcr.io/acme/api:1.1', other)],
      'open',
    ],
    ['is not run without a pod', [], 'open'],
  ])('%s', (_, present, state) => {
    expect(imageFinding(images, present).state).toBe(state);
  });

  test('is told with what runs in its place', () => {
    const found = imageFinding(images, [run('ghcr.io/acme/api:1.1', `ghcr.io/acme/api@${other}`)]);
    expect(found.detail).toContain('pod/api-1 runs ghcr.io/acme/api:1.1 (sha256:bbbbbbbbbbbb)');
  });

  test.each(['ghcr.io/acme/api:1.2', 'api@sha256:abc', `a b@${digest}`])(
    'is not named by %s',
    (text) => {
      expect(() => parseReleasedImage(text)).toThrow('names no image by its digest');
    },
  );

  test('is waited for as long as neither the template nor a pod has it', () => {
    const template = (image: string): NonNullable<Pod['spec']> => ({
      containers: [{ name: 'main', image }],
    });
    const before = workloadOf({ template: template('ghcr.io/acme/api:1.1') });
    const after = workloadOf({ template: template(`ghcr.io/acme/api@${digest}`) });
    expect([
      isReleased(images, before, [run('ghcr.io/acme/api:1.1', other)]),
      isReleased(images, before, [run('ghcr.io/acme/api:1.1', digest)]),
      isReleased(images, after, []),
    ]).toEqual([false, true, true]);
  });
});

describe('serving', () => {
  const service = { name: 'api', selector: 'app=api' } as const;
  const selects = { ...service, relation: 'selects' } as const;
  const missing = (sinceMs: number) => [
    { service: 'api', pod: 'api-1', why: 'is in none of its EndpointSlices', sinceMs },
  ];

  test.each<[string, number, string, boolean]>([
    ['a moment ago is open and well', 99_000, 'open', true],
    ['for longer than it takes to be filled in is open, and not well', 80_000, 'open', false],
    ['for longer than that is bad', 50_000, 'bad', false],
  ])('a pod that is not among the endpoints since %s', (_, sinceMs, state, well) => {
    const evidence = { services: [selects], unserved: missing(sinceMs), wellSinceMs: 7 };
    const found = servingFinding(evidence, 100_000);
    expect([found?.state, found?.wellSinceMs === 7]).toEqual([state, well]);
    expect(found?.detail).toContain('pod/api-1 is in none of its EndpointSlices');
  });

  test('of every pod is good, and no Service at all is no matter', () => {
    const all = { services: [selects], unserved: [], wellSinceMs: 7 };
    expect(servingFinding(all, 100_000)).toMatchObject({ state: 'good', wellSinceMs: 7 });
    expect(servingFinding({ ...all, services: [] }, 100_000)).toBeUndefined();
  });

  test('a selector that the new pods do not have is named', () => {
    const lost = { ...service, relation: 'lost' } as const;
    const evidence = { services: [lost], unserved: missing(0), wellSinceMs: 7 };
    expect(servingFinding(evidence, 100_000)).toMatchObject({
      state: 'bad',
      detail: 'service/api selects app=api: earlier pods have these labels, the new ones have not',
    });
  });
});
