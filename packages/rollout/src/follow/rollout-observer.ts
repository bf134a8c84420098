import { isDeepStrictEqual } from 'node:util';
import {
  workloadPods,
  type KubeClient,
  type Pod,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import { noDoubtsRead, readDoubts, type DoubtsRead } from './doubts.ts';
import { livePod, type Observation } from '../history/index.ts';
import { checkpointOf, unseenRollout, type Checkpoint, type RolloutState } from '../judge/index.ts';
import { beginRecording, record, slimWorkload, type FollowedRollout } from './followed-rollout.ts';
import { createPodConfirmation, type PodConfirmation } from './pod-confirmation.ts';
import { feedPods, type PodFeed } from './pod-feed.ts';
import { createWake, type Wake } from './wake.ts';
import { createWorkloadReads, type WorkloadReads } from './workload-reads.ts';
import { createWorkloadSight } from './workload-sight.ts';

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
  /**
   * Whether a workload that is not done is watched as well and read only when it has changed, and events are
   * read the less often the longer nothing happens: for whoever looks often and waits long.
   */
  sparing?: boolean;
  /**
   * Whether workloads are watched from the first look on, so that each state that they go through is recorded when
   * it comes, and read only to see that the watch lives.
   */
  watched?: boolean;
  /** Called with each state of a workload, once it is recorded. */
  onWorkload?: (workload: Workload) => void;
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
  /** What came before the recording, when that has lost its beginning; undefined when it has not. */
  checkpoint(ref: WorkloadRef): Checkpoint | undefined;
  /** Resolves when a pod changes, or after `ms`. */
  next(ms: number): Promise<void>;
  /** Ends the `next` that is waited for. */
  nudge(): void;
  stop(): Promise<void>;
}

/** A watch that was refused is asked for again after this time. */
const refusedForMs = 15_000;

const keyOf = ({ namespace, kind, name }: WorkloadRef): string => `${namespace}/${kind}/${name}`;

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** All that one observer keeps. */
interface Following extends Ports {
  options: ObserverOptions;
  rollouts: ReadonlyMap<string, FollowedRollout>;
  feeds: Map<string, PodFeed>;
  reads: WorkloadReads;
  /** Undefined where the workloads' own readings tell that the server lives. */
  confirmation: PodConfirmation | undefined;
  doubtsRead: DoubtsRead;
  wake: Wake;
}

function inNamespace({ rollouts }: Following, namespace: string): FollowedRollout[] {
  return [...rollouts.values()].filter(({ ref }) => ref.namespace === namespace);
}

/** Records what was observed, and when something last happened in the namespace. */
function note({ doubtsRead }: Following, followed: FollowedRollout, observation: Observation) {
  const before = followed.state;
  record(followed, observation);
  if (followed.state !== before) doubtsRead.changedMs.set(followed.ref.namespace, observation.atMs);
}

/**
 * Begins to watch the pods of a namespace, once; anew some time after that was refused, since a server also
 * refuses by mistake.
 */
function openFeed(following: Following, namespace: string, labelSelector?: string): void {
  const { feeds, clock, options, wake } = following;
  const before = feeds.get(namespace);
  const endedMs = before?.endedMs();
  if (before !== undefined && (endedMs === undefined || clock.now() - endedMs < refusedForMs))
    return;
  const wanted = { namespace, ...(labelSelector === undefined ? {} : { labelSelector }) };
  const scope = before?.scope ?? wanted;
  const feed = feedPods(following, scope, (change, pod) => {
    options.onPod?.(pod);
    const observation = { kind: 'pod', atMs: clock.now(), change, pod } as const;
    for (const followed of inNamespace(following, namespace))
      note(following, followed, observation);
    wake.nudge();
  });
  feeds.set(namespace, feed);
}

/** Records a state of the workload; one that is as before tells nothing. */
function noteWorkload(
  following: Following,
  followed: FollowedRollout,
  workload: Workload | undefined,
): void {
  const slim = workload === undefined ? undefined : slimWorkload(workload);
  if (isDeepStrictEqual(slim, followed.state.workload)) return;
  note(following, followed, { kind: 'workload', atMs: following.clock.now(), workload: slim });
  if (slim !== undefined) following.options.onWorkload?.(slim);
}

async function readOne(following: Following, followed: FollowedRollout): Promise<void> {
  const { ref } = followed;
  const workload = await following.reads.read(ref);
  noteWorkload(following, followed, workload);
  if (workload === undefined) return;
  await readPods(following, followed, workload);
}

/** The watch of a namespace's pods, once it has told all that are there; one that has died is begun anew. */
async function livingFeed(
  following: Following,
  namespace: string,
  labelSelector: string,
): Promise<PodFeed | undefined> {
  const { feeds, confirmation } = following;
  openFeed(following, namespace, labelSelector);
  const feed = feeds.get(namespace);
  await feed?.synced;
  if (feed === undefined || feed.endedMs() !== undefined || confirmation === undefined) return feed;
  if (!(await confirmation.isStale(feed))) return feed;
  await feed.stop();
  feeds.delete(namespace);
  openFeed(following, namespace, feed.scope.labelSelector);
  const anew = feeds.get(namespace);
  await anew?.synced;
  return anew;
}

/** Adds the pods that the watch told before it was known whose they are, or all where none runs. */
async function readPods(
  following: Following,
  followed: FollowedRollout,
  workload: Workload,
): Promise<void> {
  const { client, clock } = following;
  const feed = await livingFeed(following, followed.ref.namespace, workload.selector);
  const watched = feed !== undefined && feed.endedMs() === undefined;
  const knownPod = (pod: Pod): Pod | undefined =>
    followed.state.pods.get(pod.metadata?.uid ?? '')?.pod;
  const pods = watched
    ? [...feed.pods().values()].filter((pod) => knownPod(pod) === undefined)
    : Object.values(await workloadPods(client, workload))
        .flat()
        .map(livePod);
  const atMs = clock.now();
  for (const pod of pods)
    if (knownPod(pod)?.metadata?.resourceVersion !== pod.metadata?.resourceVersion)
      record(followed, { kind: 'pod', atMs, change: 'MODIFIED', pod });
  const there = watched ? feed.pods() : new Map(pods.map((pod) => [pod.metadata?.uid ?? '', pod]));
  for (const { pod, gone } of followed.state.pods.values())
    if (!gone && !there.has(pod.metadata?.uid ?? ''))
      record(followed, { kind: 'pod', atMs, change: 'DELETED', pod });
}

/** Follows the rollouts of `options.refs` from one watch of pods for each namespace. */
export function observeRollouts(ports: Ports, options: ObserverOptions): RolloutObserver {
  const { sparing = false, watched = false } = options;
  const wake = createWake(ports.clock, ports.signal);
  const onState = (ref: WorkloadRef, workload: Workload | undefined): void => {
    const followed = rollouts.get(keyOf(ref));
    if (followed !== undefined) noteWorkload(following, followed, workload);
    wake.nudge();
  };
  const following: Following = {
    ...ports,
    options,
    rollouts: new Map(options.refs.map((ref) => [keyOf(ref), beginRecording(ref)])),
    feeds: new Map(),
    reads: watched
      ? createWorkloadSight(ports, onState)
      : createWorkloadReads(ports, { sparing, onChange: () => wake.nudge() }),
    confirmation: watched ? createPodConfirmation(ports) : undefined,
    doubtsRead: noDoubtsRead(sparing),
    wake,
  };
  const { rollouts, feeds } = following;
  for (const { namespace } of options.refs)
    if (options.wholeNamespace || inNamespace(following, namespace).length > 1)
      openFeed(following, namespace);

  return {
    look: async (refs = options.refs) => {
      const looked = refs.flatMap((ref) => rollouts.get(keyOf(ref)) ?? []);
      await Promise.all(looked.map((followed) => readOne(following, followed)));
      const namespaces = Map.groupBy(looked, ({ ref }) => ref.namespace);
      await Promise.all(
        [...namespaces].map(([name, followed]) =>
          readDoubts(ports, following.doubtsRead, name, followed),
        ),
      );
    },
    state: (ref) => rollouts.get(keyOf(ref))?.state ?? unseenRollout,
    recording: (ref) => rollouts.get(keyOf(ref))?.recording ?? [],
    checkpoint: (ref) => {
      const lost = rollouts.get(keyOf(ref))?.lost;
      return lost === undefined ? undefined : checkpointOf(lost);
    },
    next: (ms) => wake.next(ms),
    nudge: () => wake.nudge(),
    stop: async () => {
      await Promise.all([...feeds.values(), following.reads].map((one) => one.stop()));
    },
  };
}
