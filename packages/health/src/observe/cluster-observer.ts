import { readWorkload, type KubeClient, type Workload, type WorkloadRef } from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import { createCauseMemory } from './cause-memory.ts';
import {
  lackingRights,
  supersededRevision,
  podFinding,
  type PodRecord,
  probeFinding,
  rolloutFinding,
} from '../findings/index.ts';
import { watchPods, type PodWatch } from './pod-watch.ts';
import { missingRights } from './rights.ts';
import { createProber, ownProbePaths, type ProbeRequest } from './prober.ts';
import type { Finding } from '../judge/index.ts';

/** What is looked at in the cluster. */
export interface ClusterRequest {
  workload: WorkloadRef;
  /** HTTP paths to ask; `auto` takes those that the kubelet asks. */
  probePaths: readonly string[] | 'auto';
  probes: ProbeRequest;
}

/** Looks at the rollout, the pods and their answers; remembers earlier looks. */
export interface ClusterObserver {
  /** Throws KubeError when the API server does not answer or does not let us. */
  look(time: { elapsedMs: number; deadlineMs: number }): Promise<readonly Finding[]>;
  /** The pods of the current revision, those that left included. */
  pods(): readonly PodRecord[];
  workload(): Workload | undefined;
  /** How long all has been well without a break; 0 when it is not so now. */
  soakedMs(): number;
  /** Whether any look was answered. */
  everSeen(): boolean;
  stop(): Promise<void>;
}

/** A gap in what was seen that ends a soak. */
const gapMs = 10_000;

/** An observer of one workload. Stop it when done: it watches in the background. */
export function createClusterObserver(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  request: ClusterRequest,
): ClusterObserver {
  const { client, clock, log, signal } = ports;
  const prober = createProber(client, request.probes);
  const causes = createCauseMemory(ports);
  let watch: PodWatch | undefined;
  let workload: Workload | undefined;
  let revision: string | undefined;
  let soakBeganMs: number | undefined;
  let seenMs: number | undefined;
  let rightsKnown = false;

  const pods = (): PodRecord[] =>
    [...(watch?.history().values() ?? [])].filter(({ pod }) => workload?.isCurrent(pod) === true);

  const rightsFinding = async (): Promise<Finding | undefined> => {
    if (rightsKnown) return undefined;
    const { needed, helpful } = await missingRights(client, request.workload);
    rightsKnown = true;
    if (helpful.length > 0)
      log.info(`Causes may stay unnamed: these credentials lack ${helpful.join(', ')}.`);
    return needed.length > 0 ? lackingRights(needed, request.workload.namespace) : undefined;
  };

  const look: ClusterObserver['look'] = async (time) => {
    const lacking = await rightsFinding();
    if (lacking !== undefined) return [lacking];
    const fresh = await readWorkload(client, request.workload);
    workload = fresh;
    watch ??= watchPods(ports, fresh, signal);
    const failure = watch.failure();
    if (failure !== undefined) throw failure as Error;
    if (revision !== undefined && fresh.revision !== undefined && fresh.revision !== revision)
      return [supersededRevision(revision, fresh.revision)];
    revision = fresh.revision ?? revision;

    const present = pods().filter(({ leaving }) => !leaving);
    const askable = present.filter(({ everReady }) => everReady).map(({ pod }) => pod);
    const paths =
      request.probePaths === 'auto' ? ownProbePaths(fresh.template) : request.probePaths;
    const steady = (): boolean => {
      const now = pods().filter(({ leaving }) => !leaving);
      return fresh.rollout.done && now.length > 0 && now.every(({ ready }) => ready);
    };
    if (steady()) causes.clear();
    await Promise.all([
      prober.probe(askable, paths),
      steady() ? undefined : causes.refresh(fresh, pods()),
    ]);
    const nowMs = clock.now();
    const probes = paths.map((path) =>
      probeFinding(path, prober.records(path, askable), present.length),
    );
    // A probe that cannot see says nothing against the pods, so it does not hold up their soak.
    const answered = probes.every(
      ({ state }, index) =>
        state === 'blind' ||
        prober.records(paths[index] ?? '', askable).every(({ inARow }) => inARow === 0),
    );
    const unbroken = seenMs !== undefined && nowMs - seenMs <= gapMs;
    if (!steady() || !answered) soakBeganMs = undefined;
    else if (soakBeganMs === undefined || !unbroken) soakBeganMs = nowMs;
    seenMs = nowMs;
    return [
      rolloutFinding(
        { status: fresh.rollout, desired: fresh.desired, causes: causes.list() },
        time,
      ),
      podFinding(pods(), causes.byPod(), fresh.desired, nowMs),
      ...probes,
    ];
  };

  return {
    look,
    pods,
    workload: () => workload,
    soakedMs: () => (soakBeganMs === undefined ? 0 : clock.now() - soakBeganMs),
    everSeen: () => seenMs !== undefined,
    stop: async () => {
      await watch?.stop();
    },
  };
}
