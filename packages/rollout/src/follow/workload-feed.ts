import {
  followObjects,
  KubeError,
  workloadPath,
  type KubeClient,
  type KubeObject,
  type WorkloadRef,
} from '@slipway/kube';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';

/** Tells of one workload whether it is still as it was read. */
export interface WorkloadFeed {
  /** False also while nobody can know. */
  isStill(resourceVersion: string | undefined): boolean;
  stop(): Promise<void>;
}

/** Watches `ref` until stopped or the signal aborts; `onChange` is called with each change of it. */
export function feedWorkload(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  ref: WorkloadRef,
  onChange: () => void,
): WorkloadFeed {
  const { kind, name, namespace } = ref;
  const stop = new AbortController();
  const both = AbortSignal.any([ports.signal, stop.signal]);
  let seen: string | undefined;
  let isLive = false;
  const follow = async (): Promise<void> => {
    const path = workloadPath({ kind, namespace });
    const query = { fieldSelector: `metadata.name=${name}` };
    for await (const change of followObjects<KubeObject>(ports, path, query, both)) {
      if (change.type === 'SYNC') isLive = true;
      // What happened meanwhile is told only where something happens again: from here on it is read.
      if (change.type === 'LOST') isLive = false;
      if (change.object === undefined) continue;
      seen = change.type === 'DELETED' ? undefined : change.object.metadata?.resourceVersion;
      onChange();
    }
  };
  const done = follow()
    .catch((error: unknown) => {
      if (!(error instanceof KubeError)) throw error;
      ports.log.debug(`${kind}/${name} is not watched, so it is read: ${errorMessage(error)}`);
    })
    .finally(() => {
      isLive = false;
    });
  return {
    isStill: (version) => isLive && seen !== undefined && seen === version,
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}
