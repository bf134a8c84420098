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
  message?: string;
  /** An init container, beside the container `main`; a native sidecar when it is to run on. */
  init?: {
    sidecar: boolean;
    restarts?: number;
    ended?: { reason: string; exitCode: number };
    terminated?: { reason: string; exitCode: number };
  };
  /** How `main` ended for good, as pods of jobs do. */
  terminated?: { reason: string; exitCode: number };
  /** The node controller's word alone: its kubelet does not report. */
  cutOff?: boolean;
  createdAt?: string;
  /** As the runtime tells it. */
  imageID?: string;
  startedAt?: string;
  /** Who made it, by uid. */
  owner?: string;
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  labels?: Readonly<Record<string, string>>;
}

function lastState(ended: Shape['ended'], restarts: number): object {
  return ended === undefined
    ? {}
    : { lastState: { terminated: { ...ended, containerID: `${restarts}` } } };
}

function mainState({ waiting, terminated, startedAt = '2026-01-01T00:00:01Z' }: Shape) {
  if (waiting !== undefined) return { waiting };
  return terminated === undefined
    ? { running: { startedAt } }
    : { terminated: { ...terminated, containerID: 'last' } };
}

function initStatus(init: NonNullable<Shape['init']>) {
  const { restarts = 0, ended, terminated } = init;
  const passed = { terminated: { reason: 'Completed', exitCode: 0, containerID: 'passed' } };
  const running = { running: { startedAt: '2026-01-01T00:00:01Z' } };
  const usual = init.sidecar ? running : passed;
  return {
    name: 'init',
    image: 'init:1',
    imageID: '',
    ready: true,
    restartCount: restarts,
    state:
      terminated === undefined ? usual : { terminated: { ...terminated, containerID: 'over' } },
    ...lastState(ended, restarts),
  };
}

/** A pod of replica set `rs` with one container. */
export function podOf(shape: Shape): Pod {
  const { uid = '1', ready = false, restarts = 0, ended, since = '', init } = shape;
  const { deleted, conditions = [], phase = 'Running', reason, message, cutOff = false } = shape;
  const { createdAt = '2026-01-01T00:00:00Z', owner = 'rs', restartPolicy = 'Always' } = shape;
  const contained = ready || cutOff;
  return {
    metadata: {
      name: `api-${uid}`,
      uid,
      creationTimestamp: createdAt,
      ...(shape.labels === undefined ? {} : { labels: shape.labels }),
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api', uid: owner, controller: true },
      ],
      ...(deleted === true ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}),
    },
    spec: {
      restartPolicy,
      containers: [{ name: 'main' }],
      ...(init === undefined
        ? {}
        : {
            initContainers: [
              { name: 'init', ...(init.sidecar ? { restartPolicy: 'Always' } : {}) },
            ],
          }),
    },
    status: {
      phase,
      startTime: createdAt,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since },
        { type: 'ContainersReady', status: contained ? 'True' : 'False' },
        ...conditions,
      ],
      ...(init === undefined ? {} : { initContainerStatuses: [initStatus(init)] }),
      containerStatuses: [
        {
          name: 'main',
          image: 'api:1',
          imageID: shape.imageID ?? '',
          ready: contained,
          restartCount: restarts,
          state: mainState(shape),
          ...lastState(ended, restarts),
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
