import {
  KubeError,
  readWorkload,
  type KubeClient,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import { feedWorkload, type WorkloadFeed } from './workload-feed.ts';

/** Reads workloads, those that are not done only when they have changed where that is wanted. */
export interface WorkloadReads {
  /** The workload as it is now; undefined when it is not there. Throws KubeError. */
  read(ref: WorkloadRef): Promise<Workload | undefined>;
  stop(): Promise<void>;
}

/** A workload is read again after this time, whatever its watch tells. */
const readAgainMs = 120_000;
/** Kinds of which all that is read changes with the object itself. */
const watchedKinds: ReadonlySet<string> = new Set([
  'deployment',
  'statefulset',
  'daemonset',
  'job',
]);

/** What is known of one workload. */
interface Known {
  last: { workload: Workload; atMs: number } | undefined;
  feed: WorkloadFeed | undefined;
}

/** `onChange` is called when a workload that is watched changes. */
export function createWorkloadReads(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  { sparing, onChange }: { sparing: boolean; onChange: () => void },
): WorkloadReads {
  const { client, clock } = ports;
  const all = new Map<string, Known>();
  const knownOf = ({ namespace, kind, name }: WorkloadRef): Known => {
    const key = `${namespace}/${kind}/${name}`;
    const known = all.get(key) ?? { last: undefined, feed: undefined };
    all.set(key, known);
    return known;
  };
  return {
    read: async (ref) => {
      const known = knownOf(ref);
      const { last, feed } = known;
      const isFresh = last !== undefined && clock.now() - last.atMs < readAgainMs;
      if (isFresh && feed?.isStill(last.workload.metadata.resourceVersion) === true)
        return last.workload;
      const atMs = clock.now();
      const workload = await readWorkload(client, ref).catch((error: unknown) => {
        if (error instanceof KubeError && error.status === 404) return undefined;
        throw error;
      });
      known.last = workload === undefined ? undefined : { workload, atMs };
      // One that is done at the second look needs no watch.
      const waits = last !== undefined && workload?.rollout.done === false;
      if (sparing && waits && feed === undefined && watchedKinds.has(ref.kind))
        known.feed = feedWorkload(ports, ref, onChange);
      return workload;
    },
    stop: async () => {
      await Promise.all([...all.values()].flatMap(({ feed }) => feed?.stop() ?? []));
    },
  };
}
