import type { KubeClient, Pod } from '@slipway/kube';
import { errorMessage, type Log } from '@slipway/runtime';

/** Tells that something happened to a pod. */
export interface Wake {
  /** Resolves at the next change, at once when one happened since the last call, or after `ms`. */
  next(ms: number): Promise<void>;
  /** Wakes the caller now. */
  nudge(): void;
  stop(): void;
}

/**
 * Watches the pods of `namespaces` and hands on each as it changes. Where watching is not allowed or breaks off, only the time limits
 * of `next` wake the caller.
 */
export function wakeOnPods(
  ports: { kube: KubeClient; log: Log; signal: AbortSignal },
  namespaces: ReadonlySet<string>,
  onPod: (pod: Pod) => void,
): Wake {
  const { kube, log, signal } = ports;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let changed = false;
  let notify: () => void = () => undefined;
  const watch = async (namespace: string): Promise<void> => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    while (!both.aborted) {
      const { resourceVersion } = await kube.listAt(path, { limit: 1 });
      const query = { resourceVersion, timeoutSeconds: 600 };
      for await (const event of kube.watch<Pod>(path, query, both)) {
        if (event.type === 'BOOKMARK') continue;
        onPod(event.object);
        changed = true;
        notify();
      }
    }
  };
  for (const namespace of namespaces)
    watch(namespace).catch((error: unknown) => {
      if (!both.aborted) log.debug(`Pods of ${namespace} are not watched: ${errorMessage(error)}`);
    });
  return {
    next: (ms) =>
      new Promise<void>((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          both.removeEventListener('abort', finish);
          notify = () => undefined;
          changed = false;
          resolve();
        };
        const timer = setTimeout(finish, ms);
        if (changed || both.aborted) finish();
        else {
          notify = finish;
          both.addEventListener('abort', finish, { once: true });
        }
      }),
    nudge: () => {
      changed = true;
      notify();
    },
    stop: () => stop.abort(),
  };
}
