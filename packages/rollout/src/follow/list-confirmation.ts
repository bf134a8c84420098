import type { KubeClient, KubeObject, ObjectMeta } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';

/** A list that is watched. */
export interface WatchedList {
  path: string;
  query: Parameters<KubeClient['list']>[1];
  /** The objects as the watch told them; undefined while it is broken off. */
  told: () => Iterable<{ metadata?: ObjectMeta }> | undefined;
}

/** Finds watches whose connection has died without a word. */
export interface ListConfirmation {
  /**
   * Whether the server has had other objects, or other versions of them, at two looks on end than the watch that is
   * known by `key` told. It is asked only now and then. Throws KubeError.
   */
  isStale(key: object, list: WatchedList): Promise<boolean>;
}

/** What was told is compared with what is there this often. */
const confirmedForMs = 15_000;
/** Versions are all that is compared, and objects are large. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

function versionsOf(objects: Iterable<{ metadata?: ObjectMeta }>): string {
  return [...objects]
    .map(({ metadata }) => `${metadata?.uid ?? ''} ${metadata?.resourceVersion ?? ''}`)
    .sort()
    .join();
}

/** A confirmation that has asked for nothing yet. */
export function createListConfirmation(ports: {
  client: KubeClient;
  clock: Clock;
}): ListConfirmation {
  const { client, clock } = ports;
  const seen = new WeakMap<object, { confirmedMs: number; doubted?: string }>();
  return {
    isStale: async (key, { path, query, told }) => {
      const before = seen.get(key);
      const isDue = before !== undefined && clock.now() - before.confirmedMs >= confirmedForMs;
      if (before === undefined) seen.set(key, { confirmedMs: clock.now() });
      const then = told();
      if (!isDue || then === undefined) return false;
      const versions = versionsOf(then);
      const there = await client.list<KubeObject>(path, query, metadataOnly);
      const now = told();
      const isNews = now === undefined || versionsOf(now) !== versions;
      if (!isNews && versionsOf(there) !== versions) {
        seen.set(key, { ...before, doubted: versions });
        return before.doubted === versions;
      }
      seen.set(key, { confirmedMs: clock.now() });
      return false;
    },
  };
}
