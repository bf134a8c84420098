import { isDeepStrictEqual } from 'node:util';
import {
  KubeError,
  readEvents,
  readWorkload,
  workloadPods,
  type KubeClient,
  type Pod,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { slimPod, slimSpec, type Observation } from '../history/index.ts';
import { observe, rolloutTruth, unseenRollout, type RolloutState } from '../judge/index.ts';
import { feedPods, type PodFeed } from './pod-feed.ts';
import { createWake } from './wake.ts';

/** Which rollouts are followed, and how. */
export interface ObserverOptions {
  refs: readonly WorkloadRef[];
  /**
   * Whether every pod of the namespaces is watched from the start, also for workloads that are not there
   * yet. Otherwise one workload alone is watched by its own selector.
   */
  wholeNamespace: boolean;
  /** Called with each change of a pod that is watched, whosoever's it is. */
  onPod?: (pod: Pod) => void;
}

/** Follows rollouts; stop it when done, since it watches in the background. */
export interface RolloutObserver {
  /**
   * Reads the workloads anew (those named, or all), and events where something does not serve. Throws
   * KubeError; a workload that is not there is a state, not an error.
   */
  look(refs?: readonly WorkloadRef[]): Promise<void>;
  /** What is known of one workload so far. */
  state(ref: WorkloadRef): RolloutState;
  /** All that was observed of it, of which its state is the fold. */
  recording(ref: WorkloadRef): readonly Observation[];
  /** Resolves when a pod changes, or after `ms`. */
  next(ms: number): Promise<void>;
  /** Ends the `next` that is waited for. */
  nudge(): void;
  stop(): Promise<void>;
}

/** Events are read no more often than this. */
const eventsEveryMs = 1_000;
/** Longer recordings lose their oldest observations; an hour of a busy rollout has some thousand. */
const longestRecording = 5_000;

const keyOf = ({ namespace, kind, name }: WorkloadRef): string => `${namespace}/${kind}/${name}`;

/** A recording of one rollout that is being made, with its state. */
interface Followed {
  ref: WorkloadRef;
  state: RolloutState;
  recording: Observation[];
}

function take(followed: Followed, observation: Observation): void {
  const before = followed.state;
  followed.state = observe(before, observation);
  if (followed.state === before) return;
  followed.recording.push(observation);
  if (followed.recording.length > longestRecording) followed.recording.shift();
}

function slimWorkload(workload: Workload): Workload {
  const { template } = workload;
  return { ...workload, template: template === undefined ? undefined : slimSpec(template) };
}

/** What is to be asked for events: pods that do not serve, and makers of pods that are missing. */
function uidsInDoubt(state: RolloutState, nowMs: number): string[] {
  const truth = rolloutTruth(state, nowMs);
  if (truth === undefined || truth.steady) return [];
  const pods = truth.present
    .filter(({ ready }) => !ready)
    .map(({ pod }) => pod.metadata?.uid ?? '');
  const missing = truth.present.length < truth.desired;
  return [...pods, ...(missing ? (state.workload?.makers ?? []).map(({ uid }) => uid) : [])];
}

/** Follows the rollouts of `options.refs` from one watch of pods for each namespace. */
export function observeRollouts(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  options: ObserverOptions,
): RolloutObserver {
  const { client, clock, log, signal } = ports;
  const wake = createWake(clock, signal);
  const all = new Map<string, Followed>(
    options.refs.map((ref) => [keyOf(ref), { ref, state: unseenRollout, recording: [] }]),
  );
  const feeds = new Map<string, PodFeed>();
  const eventsReadMs = new Map<string, number>();
  const inNamespace = (namespace: string): Followed[] =>
    [...all.values()].filter(({ ref }) => ref.namespace === namespace);

  const openFeed = (namespace: string, labelSelector?: string): void => {
    if (feeds.has(namespace)) return;
    const scope = { namespace, ...(labelSelector === undefined ? {} : { labelSelector }) };
    const feed = feedPods(ports, scope, (change, pod) => {
      options.onPod?.(pod);
      const observation = { kind: 'pod', atMs: clock.now(), change, pod } as const;
      for (const followed of inNamespace(namespace)) take(followed, observation);
      wake.nudge();
    });
    feeds.set(namespace, feed);
  };
  const isWide = (namespace: string): boolean =>
    options.wholeNamespace || inNamespace(namespace).length > 1;
  for (const { namespace } of options.refs) if (isWide(namespace)) openFeed(namespace);

  const readOne = async (followed: Followed): Promise<void> => {
    const { ref } = followed;
    const workload = await readWorkload(client, ref).catch((error: unknown) => {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    });
    const slim = workload === undefined ? undefined : slimWorkload(workload);
    if (!isDeepStrictEqual(slim, followed.state.workload))
      take(followed, { kind: 'workload', atMs: clock.now(), workload: slim });
    if (workload === undefined) return;
    openFeed(ref.namespace, workload.selector);
    await readPods(followed, workload);
  };

  /** Adds the pods that the watch told before it was known whose they are, or all where none runs. */
  const readPods = async (followed: Followed, workload: Workload): Promise<void> => {
    const feed = feeds.get(followed.ref.namespace);
    await feed?.synced;
    const watched = feed?.watching() === true;
    const pods = watched
      ? [...feed.pods().values()].filter(
          ({ metadata }) => !followed.state.pods.has(metadata?.uid ?? ''),
        )
      : Object.values(await workloadPods(client, workload))
          .flat()
          .map(slimPod);
    const atMs = clock.now();
    for (const pod of pods) {
      const known = followed.state.pods.get(pod.metadata?.uid ?? '')?.pod;
      if (known?.metadata?.resourceVersion !== pod.metadata?.resourceVersion || known === undefined)
        take(followed, { kind: 'pod', atMs, change: 'MODIFIED', pod });
    }
    if (watched) return;
    const there = new Set(pods.map(({ metadata }) => metadata?.uid));
    for (const { pod, gone } of followed.state.pods.values())
      if (!gone && !there.has(pod.metadata?.uid))
        take(followed, { kind: 'pod', atMs, change: 'DELETED', pod });
  };

  const readDoubts = async (namespace: string, looked: readonly Followed[]): Promise<void> => {
    const nowMs = clock.now();
    const uids = looked.flatMap(({ state }) => uidsInDoubt(state, nowMs));
    if (uids.length === 0 || nowMs - (eventsReadMs.get(namespace) ?? -Infinity) < eventsEveryMs)
      return;
    eventsReadMs.set(namespace, nowMs);
    const events = await readEvents(client, namespace, new Set(uids)).catch((error: unknown) => {
      if (!(error instanceof KubeError)) throw error;
      log.debug(`Events of ${namespace} cannot be read: ${errorMessage(error)}`);
      return undefined;
    });
    if (events === undefined) return;
    for (const followed of looked) {
      const mine = new Set(uidsInDoubt(followed.state, nowMs));
      const about = events.filter(({ object }) => mine.has(object.uid));
      take(followed, { kind: 'events', atMs: clock.now(), events: about });
    }
  };

  return {
    look: async (refs = options.refs) => {
      const looked = refs.flatMap((ref) => all.get(keyOf(ref)) ?? []);
      await Promise.all(looked.map(readOne));
      const namespaces = Map.groupBy(looked, ({ ref }) => ref.namespace);
      await Promise.all([...namespaces].map(([name, followed]) => readDoubts(name, followed)));
    },
    state: (ref) => all.get(keyOf(ref))?.state ?? unseenRollout,
    recording: (ref) => all.get(keyOf(ref))?.recording ?? [],
    next: (ms) => wake.next(ms),
    nudge: () => wake.nudge(),
    stop: async () => {
      await Promise.all([...feeds.values()].map((feed) => feed.stop()));
    },
  };
}
