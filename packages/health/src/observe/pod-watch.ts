import { followObjects, type KubeClient, type Pod, type Workload } from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import { recordChange, type PodHistory } from '../findings/index.ts';

/** The history of a workload's pods, kept by a watch in the background. */
export interface PodWatch {
  history(): PodHistory;
  /** Why the watch ended for good, when it did. */
  failure(): unknown;
  stop(): Promise<void>;
}

/** Watches the pods of every revision of `workload` until stopped or the signal aborts. */
export function watchPods(
  ports: { client: KubeClient; clock: Clock; log: Log },
  workload: Workload,
  signal: AbortSignal,
): PodWatch {
  const stop = new AbortController();
  let history: PodHistory = new Map();
  let failure: unknown;
  const path = `/api/v1/namespaces/${encodeURIComponent(workload.ref.namespace)}/pods`;
  const both = AbortSignal.any([signal, stop.signal]);
  const done = (async () => {
    const query = { labelSelector: workload.selector };
    for await (const change of followObjects<Pod>(ports, path, query, both))
      history = recordChange(history, change, ports.clock.now());
  })().catch((error: unknown) => {
    failure = error;
  });
  return {
    history: () => history,
    failure: () => failure,
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}
