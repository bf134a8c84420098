import {
  isCurrentPod,
  isLeaving,
  makerCause,
  ownsPod,
  podCause,
  type Cause,
  type CrashHint,
  type KubeEvent,
  type Workload,
} from '@slipway/kube';
import {
  recordPod,
  type Maker,
  type Observation,
  type PodHistory,
  type PodRecord,
} from '../history/index.ts';
import { causeKind } from './patience.ts';
import { standingOf } from './standing.ts';
import { steadinessAfter, unseenSteadiness, type Steadiness } from './steadiness.ts';

/** One thing that is wrong, and since when it has been so without a break. */
export interface Trouble {
  cause: Cause;
  /** Milliseconds since 1970. */
  sinceMs: number;
  /** Undefined when it is the making of pods that fails. */
  podUid: string | undefined;
}

/** What is known of one rollout: the fold of its recording. Treat as a value. */
export interface RolloutState {
  /** Undefined while it has not been read, or is not there. */
  workload: Workload | undefined;
  /** Its pods of every revision, those that are gone included. */
  pods: PodHistory;
  events: readonly KubeEvent[];
  /** Who makes what is missing, and kinds of makers that may not be read. */
  makers: readonly Maker[];
  unreadMakers: readonly string[];
  /** What containers that ended printed last comes to, by the pod's uid and the container's name. */
  outputs: Readonly<Record<string, CrashHint | 'unclear'>>;
  /** What is wrong now with pods of the current revision and the making of more. */
  troubles: ReadonlyMap<string, Trouble>;
  steadiness: Steadiness;
}

/** The key of `outputs`. */
export function outputKey(podUid: string, container: string): string {
  return `${podUid}|${container}`;
}

/** Nothing has been seen yet. */
export const unseenRollout: RolloutState = {
  workload: undefined,
  pods: new Map(),
  events: [],
  makers: [],
  unreadMakers: [],
  outputs: {},
  troubles: new Map(),
  steadiness: unseenSteadiness,
};

/** Each with a key under which it is the same trouble when it is seen again. */
function currentTroubles(state: RolloutState): [key: string, Omit<Trouble, 'sinceMs'>][] {
  const { workload, events } = state;
  if (workload === undefined) return [];
  const { makingFails } = workload;
  const current = [...state.pods.values()].filter(({ pod }) => isCurrentPod(workload, pod));
  // A pod that its node ended explains what is missing; one that is being deleted explains nothing.
  const ofPods = current.flatMap(({ pod, gone }): [string, Omit<Trouble, 'sinceMs'>][] => {
    const cause = gone || isLeaving(pod) ? undefined : podCause(pod, events);
    if (cause === undefined) return [];
    const podUid = pod.metadata?.uid ?? '';
    return [[[podUid, cause.container, causeKind(cause)].join('|'), { cause, podUid }]];
  });
  const staying = current.filter(({ leaving }) => !leaving).length;
  if (staying >= workload.desired) return ofPods;
  const ofMakers = workload.makers.flatMap((maker): [string, Omit<Trouble, 'sinceMs'>][] => {
    const cause = makerCause(maker, events, maker.kind === 'ReplicaSet' ? makingFails : undefined);
    if (cause === undefined) return [];
    // A new generation begins anew: what kept the old one from making pods is no longer about this one.
    const key = [maker.uid, workload.metadata.generation, causeKind(cause)].join('|');
    return [[key, { cause, podUid: undefined }]];
  });
  return [...ofPods, ...ofMakers];
}

/** A trouble that went away and comes back later is a new one; crashes count restarts instead. */
function withTroubles(state: RolloutState, atMs: number): RolloutState {
  const troubles = new Map(
    currentTroubles(state).map(([key, trouble]) => [
      key,
      { ...trouble, sinceMs: state.troubles.get(key)?.sinceMs ?? atMs },
    ]),
  );
  return { ...state, troubles };
}

function withSteadiness(
  state: RolloutState,
  atMs: number,
  changed: { before: PodRecord | undefined; now: PodRecord | undefined },
): RolloutState {
  const { workload, pods } = state;
  if (workload === undefined) return { ...state, steadiness: unseenSteadiness };
  const seen = { workload, standing: standingOf(workload, pods), atMs };
  return { ...state, steadiness: steadinessAfter(state.steadiness, seen, changed) };
}

const unchanged = { before: undefined, now: undefined };

/**
 * What is known after one more observation. Pure: the same recording gives the same state, whenever and
 * how often it is looked at. Pods of other workloads are passed over.
 */
export function observe(state: RolloutState, observation: Observation): RolloutState {
  const { atMs } = observation;
  switch (observation.kind) {
    case 'workload': {
      const read = withTroubles({ ...state, workload: observation.workload }, atMs);
      return withSteadiness(read, atMs, unchanged);
    }
    case 'events':
      return withTroubles({ ...state, events: observation.events }, atMs);
    case 'makers':
      return { ...state, makers: observation.makers, unreadMakers: observation.unread };
    case 'output': {
      const key = outputKey(observation.podUid, observation.container);
      // A log that was gone already says nothing against what an earlier one said.
      if (observation.says === 'unclear' && state.outputs[key] !== undefined) return state;
      return { ...state, outputs: { ...state.outputs, [key]: observation.says } };
    }
    case 'pod': {
      const uid = observation.pod.metadata?.uid ?? '';
      const before = state.pods.get(uid);
      const mine =
        before !== undefined ||
        (state.workload !== undefined && ownsPod(state.workload, observation.pod));
      if (!mine) return state;
      const pods = recordPod(state.pods, observation);
      const seen = withTroubles({ ...state, pods }, atMs);
      return withSteadiness(seen, atMs, { before, now: pods.get(uid) });
    }
  }
}
