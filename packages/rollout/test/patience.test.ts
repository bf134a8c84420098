import { describe, expect, test } from '@jest/globals';
import type { Cause, Pod } from '@slipway/kube';
import { endsOf } from '../src/judge/crash.ts';
import { patience, figureFor, type Figures } from '../src/judge/patience-table.ts';
import { patienceWith, type MissingPart, type Surroundings } from '../src/judge/patience.ts';
import { usualTemper, type Temper } from '../src/judge/temper.ts';

function cause(reason: string, recovery: Cause['recovery'] = 'possible', message = ''): Cause {
  return { reason, recovery, message, object: 'pod/web-1', container: 'web' };
}

function podWith(status: object): Pod {
  return {
    spec: { restartPolicy: 'Always', containers: [] },
    status: {
      startTime: '2026-01-01T00:00:00Z',
      containerStatuses: [{ name: 'web', image: '', imageID: '', ready: false, ...status }],
    },
  } as unknown as Pod;
}

const tempers = {
  strict: { ...usualTemper, failFast: 'strict' },
  normal: usualTemper,
  first: { ...usualTemper, isNew: true },
  besideOthers: { ...usualTemper, othersStart: true },
  off: { ...usualTemper, failFast: 'off' },
} as const satisfies Readonly<Record<string, Temper>>;

const alone: Surroundings = {
  pod: undefined,
  events: [],
  readyPods: 0,
  endingPods: 0,
  hasServed: false,
  ends: { count: 0, spanMs: undefined, underWay: false },
  hint: undefined,
  missing: undefined,
  temper: usualTemper,
};
const event = (reason: string) => ({
  type: 'Normal',
  reason,
  message: '',
  count: 1,
  lastMs: 0,
  object: { kind: 'Pod', name: 'web-1', uid: '1' },
});
const nominated = { status: { nominatedNodeName: 'node-2' } } as Pod;
const secret: MissingPart = { kind: 'Secret', keyOnly: false, isMade: false, isUnread: false };
const usual = (figures: Figures): number | undefined => figureFor(figures, usualTemper);

describe('the patience with', () => {
  test.each<[string, Cause, Partial<Surroundings>, number | undefined]>([
    ['a name that is no image name', cause('InvalidImageName', 'never'), {}, 0],
    ['an image denied for the first time', cause('ErrImagePull', 'never'), {}, 10_000],
    ['an image denied, in back-off', cause('ImagePullBackOff', 'never'), {}, 0],
    [
      'an image denied for want of a pull secret that somebody makes',
      cause('ImagePullBackOff', 'never'),
      { missing: { ...secret, isMade: true } },
      undefined,
    ],
    ['a registry that is away', cause('ImagePullBackOff'), {}, usual(patience.imageUnreachable)],
    ['a pod that fits no node', cause('Unschedulable'), {}, usual(patience.unschedulable)],
    [
      'a pod that fits no node after all had served',
      cause('Unschedulable'),
      { hasServed: true },
      undefined,
    ],
    [
      'a registry that is away after all had served',
      cause('ImagePullBackOff'),
      { hasServed: true },
      undefined,
    ],
    [
      'an image denied although all had served',
      cause('ImagePullBackOff', 'never'),
      { hasServed: true },
      0,
    ],
    [
      'a pod for which a node is added',
      cause('Unschedulable'),
      { events: [event('TriggeredScaleUp'), event('NotTriggerScaleUp')] },
      undefined,
    ],
    [
      'a pod for which Karpenter has chosen a node',
      cause('Unschedulable'),
      { events: [event('Nominated')] },
      undefined,
    ],
    [
      'a pod for which the scheduler makes room',
      cause('Unschedulable'),
      { pod: nominated },
      undefined,
    ],
    [
      'a pod for which the autoscaler adds none',
      cause('Unschedulable'),
      { events: [event('NotTriggerScaleUp'), event('TriggeredScaleUp')] },
      usual(patience.notScaled),
    ],
    ['a pod that waits for old ones to end', cause('Unschedulable'), { endingPods: 1 }, undefined],
    ['a quota', cause('QuotaExceeded', 'unlikely'), {}, usual(patience.quota)],
    [
      'a webhook that does not answer',
      cause('FailedCreate', 'unlikely', 'failed calling webhook "x": not found'),
      {},
      undefined,
    ],
    [
      'a volume that does not exist',
      cause('FailedMount', 'unlikely'),
      {},
      usual(patience.missingVolume),
    ],
    [
      'a ConfigMap that is missing',
      cause('CreateContainerConfigError', 'unlikely'),
      { missing: { ...secret, kind: 'ConfigMap' } },
      20_000,
    ],
    [
      'a Secret that lacks a key',
      cause('CreateContainerConfigError', 'unlikely'),
      { missing: { ...secret, keyOnly: true } },
      20_000,
    ],
    [
      'a Secret that nobody is known to make',
      cause('FailedMount', 'unlikely'),
      { missing: secret },
      usual(patience.missingSecret),
    ],
    [
      'a Secret that somebody makes',
      cause('CreateContainerConfigError', 'unlikely'),
      { missing: { ...secret, isMade: true } },
      undefined,
    ],
    [
      'a Secret of which it may not be read who makes it',
      cause('CreateContainerConfigError', 'unlikely'),
      { missing: { ...secret, isUnread: true } },
      usual(patience.missingUnread),
    ],
    ['a pod that is not ready yet', cause('ReadinessProbeFailed'), {}, undefined],
    ['a reason nobody knows', cause('SomethingNew', 'unlikely'), {}, undefined],
  ])('%s', (_, what, around, expected) => {
    expect(patienceWith(what, { ...alone, ...around })).toBe(expected);
  });

  test.each<[string, Cause, Partial<Surroundings>]>([
    ['a name that is no image name', cause('InvalidImageName', 'never'), {}],
    ['a missing ConfigMap', cause('CreateContainerConfigError', 'unlikely'), {}],
    [
      'the tenth crash',
      cause('CrashLoopBackOff', 'unlikely'),
      { ends: { count: 10, spanMs: 600_000, underWay: false } },
    ],
  ])('%s has no end before the timeout when fail-fast is off', (_, what, around) => {
    expect(patienceWith(what, { ...alone, ...around, temper: tempers.off })).toBeUndefined();
  });

  test('what is missing is larger on a first install, and smaller when strict', () => {
    const allowed = (temper: Temper): number =>
      patienceWith(cause('FailedMount', 'unlikely'), { ...alone, missing: secret, temper }) ?? 0;
    expect(allowed(tempers.first)).toBeGreaterThan(allowed(tempers.normal));
    expect(allowed(tempers.strict)).toBeLessThan(allowed(tempers.normal));
  });
});

describe('a container that ends again and again is broken', () => {
  /** At its how manieth end, of one that the kubelet starts anew as it does by default. */
  function brokenAt(reason: string, around: Partial<Surroundings>): number | undefined {
    const spans = [1, 2, 13, 34, 75, 156, 317, 618];
    const index = spans.findIndex((span, before) => {
      const ends = { count: before + 1, spanMs: span * 1_000, underWay: false };
      return patienceWith(cause(reason, 'unlikely'), { ...alone, ...around, ends }) === 0;
    });
    return index < 0 ? undefined : index + 1;
  }

  test.each<[string, string, Partial<Surroundings>, number | undefined]>([
    ['at its fourth end', 'CrashLoopBackOff', {}, 4],
    ['at its fifth when it is new', 'CrashLoopBackOff', { temper: tempers.first }, 5],
    ['at its second when strict', 'CrashLoopBackOff', { temper: tempers.strict }, 2],
    ['never when off', 'CrashLoopBackOff', { temper: tempers.off }, undefined],
    ['at its second when its own output says so', 'CrashLoopBackOff', { hint: 'program' }, 2],
    ['at its second when it used too much memory', 'OOMKilled', {}, 2],
    ['at its sixth when something else does not answer', 'Error', { hint: 'dependency' }, 6],
    [
      'at its sixth while others of the release start',
      'CrashLoopBackOff',
      { temper: tempers.besideOthers },
      6,
    ],
    [
      'never when it is new and something else does not answer',
      'CrashLoopBackOff',
      { hint: 'dependency', temper: tempers.first },
      undefined,
    ],
    ['at its fourth end by its liveness probe', 'LivenessProbeFailed', {}, 4],
    ['at its fourth end by its postStart hook', 'PostStartHookError', {}, 4],
  ])('%s', (_, reason, around, end) => {
    expect(brokenAt(reason, around)).toBe(end);
  });

  test('and not while it runs, be its ends as many as they like', () => {
    const ends = { count: 4, spanMs: 40_000, underWay: true };
    expect(patienceWith(cause('Error'), { ...alone, ends })).toBeUndefined();
  });

  test('and not within seconds, where a cluster restarts faster than others', () => {
    const ends = { count: 6, spanMs: 6_000, underWay: false };
    expect(patienceWith(cause('Error'), { ...alone, ends })).toBeUndefined();
  });

  test('and a minute later beside a pod of the same revision that serves', () => {
    const ends = { count: 4, spanMs: 40_000, underWay: false };
    expect(patienceWith(cause('Error'), { ...alone, ends, readyPods: 1 })).toBe(60_000);
  });
});

describe('the ends of a container are counted', () => {
  const ended = { exitCode: 1, finishedAt: '2026-01-01T00:00:40Z' };
  test.each<[string, object, number, boolean]>([
    ['before its first start', { restartCount: 0, state: { waiting: {} } }, 0, false],
    ['at its first end', { restartCount: 0, state: { terminated: ended } }, 1, true],
    [
      'at its second run',
      { restartCount: 1, state: { running: {} }, lastState: { terminated: ended } },
      1,
      true,
    ],
    [
      'in the back-off after its fourth end',
      { restartCount: 3, state: { waiting: {} }, lastState: { terminated: ended } },
      4,
      false,
    ],
  ])('%s', (_, status, count, underWay) => {
    expect(endsOf(podWith(status), 'web')).toMatchObject({ count, underWay });
  });

  test('with the time from the start of the pod to the last of them', () => {
    const status = { restartCount: 3, state: { terminated: ended } };
    expect(endsOf(podWith(status), 'web').spanMs).toBe(40_000);
  });
});
