import type { Pod, Workload } from '@slipway/kube';
import { observe, unseenRollout, type Observation, type RolloutState } from '../src/index.ts';

/** When the recordings of these tests begin. */
export const beganMs = Date.parse('2026-01-01T00:00:00Z');

/** What a pod of a recording looks like. */
export interface Shape {
  uid?: string;
  ready?: boolean;
  restarts?: number;
  ended?: { reason: string; exitCode: number };
  waiting?: { reason: string; message?: string };
  /** When the Ready condition last changed. */
  since?: string;
  deleted?: boolean;
  conditions?: NonNullable<NonNullable<Pod['status']>['conditions']>;
  phase?: string;
  reason?: string;
}

/** A pod of replica set `rs` with one container. */
export function podOf(shape: Shape): Pod {
  const { uid = '1', ready = false, restarts = 0, ended, waiting, since = '' } = shape;
  const { deleted, conditions = [], phase = 'Running', reason } = shape;
  return {
    metadata: {
      name: `api-${uid}`,
      uid,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api', uid: 'rs', controller: true },
      ],
      ...(deleted === true ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}),
    },
    spec: { restartPolicy: 'Always', containers: [{ name: 'main' }] },
    status: {
      phase,
      ...(reason === undefined ? {} : { reason }),
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since },
        ...conditions,
      ],
      containerStatuses: [
        {
          name: 'main',
          image: 'api:1',
          imageID: '',
          ready,
          restartCount: restarts,
          state:
            waiting === undefined
              ? { running: { startedAt: '2026-01-01T00:00:01Z' } }
              : { waiting },
          ...(ended === undefined
            ? {}
            : { lastState: { terminated: { ...ended, containerID: `${restarts}` } } }),
        },
      ],
    },
  };
}

/** A deployment `api` of one replica set, as it was read. */
export function workloadOf(over: Partial<Workload> = {}): Workload {
  return {
    ref: { kind: 'deployment', name: 'api', namespace: 'shop' },
    metadata: { uid: 'd', generation: 1 },
    rollout: { done: false, failed: false, message: '0 of 1 pods are available' },
    desired: 1,
    selector: 'app=api',
    revision: 'r1',
    owners: ['rs'],
    current: { owner: 'rs' },
    makers: [{ kind: 'ReplicaSet', name: 'api-r1', uid: 'rs' }],
    template: undefined,
    ...over,
  };
}

/** Any observation without its time. */
export type Seen =
  | { workload: Partial<Workload> | undefined }
  | { pod: Shape; change?: 'ADDED' | 'MODIFIED' | 'DELETED' }
  | { events: Extract<Observation, { kind: 'events' }>['events'] };

function observationOf(seen: Seen, atMs: number): Observation {
  if ('events' in seen) return { kind: 'events', atMs, events: seen.events };
  if ('pod' in seen)
    return { kind: 'pod', atMs, change: seen.change ?? 'MODIFIED', pod: podOf(seen.pod) };
  const workload = seen.workload === undefined ? undefined : workloadOf(seen.workload);
  return { kind: 'workload', atMs, workload };
}

/** A recording: each observation at so many seconds after the beginning. */
export function recorded(...seen: [second: number, seen: Seen][]): Observation[] {
  return seen.map(([second, one]) => observationOf(one, beganMs + second * 1_000));
}

/** The state that a recording of a workload and the given observations gives. */
export function stateAfter(...seen: [second: number, seen: Seen][]): RolloutState {
  return recorded([0, { workload: {} }], ...seen).reduce(observe, unseenRollout);
}
