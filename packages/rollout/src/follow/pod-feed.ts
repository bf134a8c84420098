import { followObjects, KubeError, type KubeClient, type Pod } from '@slipway/kube';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { livePod, type PodChange } from '../history/index.ts';

/** Which pods are watched: all of a namespace, or those that a selector names. */
export interface FeedScope {
  namespace: string;
  labelSelector?: string;
}

/** The pods of one namespace, kept by one watch. */
export interface PodFeed {
  scope: FeedScope;
  /** As last seen, by uid; those that are gone are not in it. */
  pods(): ReadonlyMap<string, Pod>;
  /**
   * Resolves when all pods there have been told once: true, or false when these credentials may list or
   * watch no pods.
   */
  synced: Promise<boolean>;
  /** When the watch was refused for good, in milliseconds since 1970; undefined while it runs or resumes. Throws what else ended it. */
  endedMs(): number | undefined;
  stop(): Promise<void>;
}

/**
 * Follows the pods of `namespace` (those that `labelSelector` selects, when given) until stopped or the
 * signal aborts; `onPod` is called with each change, in order.
 */
export function feedPods(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  scope: FeedScope,
  onPod: (change: PodChange, pod: Pod) => void,
): PodFeed {
  const { clock, log, signal } = ports;
  const { namespace, labelSelector } = scope;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const pods = new Map<string, Pod>();
  const { promise: synced, resolve } = Promise.withResolvers<boolean>();
  let endedMs: number | undefined;
  let failure: { error: unknown } | undefined;

  const follow = async (): Promise<void> => {
    const query = labelSelector === undefined ? {} : { labelSelector };
    for await (const change of followObjects<Pod>(ports, path, query, both)) {
      if (change.type === 'SYNC') resolve(true);
      if (change.object === undefined) continue;
      const pod = livePod(change.object);
      const uid = pod.metadata?.uid ?? '';
      if (change.type === 'DELETED') pods.delete(uid);
      else pods.set(uid, pod);
      onPod(change.type, pod);
    }
  };
  const done = follow()
    .catch((error: unknown) => {
      log.debug(`Pods of ${namespace} are not watched: ${errorMessage(error)}`);
      // Whoever looks is told: thrown from here, nobody could catch it.
      if (!(error instanceof KubeError)) failure = { error };
    })
    .finally(() => {
      endedMs = clock.now();
      resolve(false);
    });
  return {
    scope,
    pods: () => pods,
    synced,
    endedMs: () => {
      if (failure !== undefined) throw failure.error;
      return endedMs;
    },
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}
