import { describe, expect, test } from '@jest/globals';
import type { Cause, Pod } from '@slipway/kube';
import { patience, patienceWith, type Surroundings } from '../src/judge/patience.ts';

function cause(reason: string, recovery: Cause['recovery'] = 'possible', message = ''): Cause {
  return { reason, recovery, message, object: 'pod/web-1', container: 'web' };
}

function podWith(status: object, restartPolicy = 'Always'): Pod {
  return {
    spec: { restartPolicy, containers: [] },
    status: {
      containerStatuses: [{ name: 'web', image: '', imageID: '', ready: false, ...status }],
    },
  } as unknown as Pod;
}

const alone: Surroundings = {
  pod: undefined,
  events: [],
  readyPods: 0,
  endingPods: 0,
  hasServed: false,
};
const backOff = (restartCount: number): Pod =>
  podWith({ restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } } });
const scaleUp = {
  type: 'Normal',
  reason: 'TriggeredScaleUp',
  message: '',
  count: 1,
  lastMs: 0,
  object: { kind: 'Pod', name: 'web-1', uid: '1' },
};

describe('the patience with', () => {
  test.each<[string, Cause, Partial<Surroundings>, number | undefined]>([
    ['a name that is no image name', cause('InvalidImageName', 'never'), {}, 0],
    [
      'an image denied for the first time',
      cause('ErrImagePull', 'never'),
      {},
      patience.imageDenied,
    ],
    ['an image denied, in back-off', cause('ImagePullBackOff', 'never'), {}, 0],
    ['a registry that is away', cause('ImagePullBackOff'), {}, patience.imageUnreachable],
    [
      'a first crash that the kubelet is about to restart',
      cause('Error'),
      { pod: podWith({ restartCount: 0, state: { terminated: { exitCode: 1 } } }) },
      undefined,
    ],
    [
      'a container that crashed once and runs again',
      cause('Error'),
      { pod: podWith({ restartCount: 1, state: { running: {} } }) },
      undefined,
    ],
    ['a second crash, in back-off', cause('CrashLoopBackOff', 'unlikely'), { pod: backOff(1) }, 0],
    [
      'a crash beside a ready pod of the same revision',
      cause('CrashLoopBackOff', 'unlikely'),
      { pod: backOff(1), readyPods: 1 },
      patience.crashBesideReady,
    ],
    [
      'a slow starter that its liveness probe killed once',
      cause('LivenessProbeFailed', 'unlikely'),
      { pod: backOff(1) },
      undefined,
    ],
    [
      'a pod that is never restarted and failed',
      cause('Error'),
      { pod: podWith({ restartCount: 0, state: { terminated: { exitCode: 1 } } }, 'Never') },
      undefined,
    ],
    ['a pod that fits no node', cause('Unschedulable'), {}, patience.unschedulable],
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
    ['a pod for which a node is added', cause('Unschedulable'), { events: [scaleUp] }, undefined],
    ['a pod that waits for old ones to end', cause('Unschedulable'), { endingPods: 1 }, undefined],
    ['a quota', cause('QuotaExceeded', 'unlikely'), {}, patience.quota],
    [
      'a webhook that does not answer',
      cause('FailedCreate', 'unlikely', 'failed calling webhook "x": not found'),
      {},
      undefined,
    ],
    ['a volume that does not exist', cause('FailedMount', 'unlikely'), {}, patience.missingVolume],
    ['a pod that is not ready yet', cause('ReadinessProbeFailed'), {}, undefined],
    ['a reason nobody knows', cause('SomethingNew', 'unlikely'), {}, undefined],
  ])('%s', (_, what, around, expected) => {
    expect(patienceWith(what, { ...alone, ...around })).toBe(expected);
  });
});
