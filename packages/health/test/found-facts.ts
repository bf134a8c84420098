import type { Cause, Pod } from '@slipway/kube';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';

/** A rollout of which nothing is wrong and nothing serves yet. */
export const underWay: RolloutTruth = {
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

export const quota: Cause = {
  object: 'replicaset/a',
  reason: 'QuotaExceeded',
  message: 'exceeded quota',
  recovery: 'unlikely',
};

/** What is known of a ready pod, but for `over`. */
export function record(over: Partial<PodRecord>): PodRecord {
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

export const restarted: Pod = {
  status: {
    containerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: 1 }],
  },
};
