import type { KubeClient, ObjectMeta, Pod } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import type { PodFeed } from './pod-feed.ts';

/** Finds watches of pods whose connection has died without a word. */
export interface PodConfirmation {
  /**
   * Whether the server has had other pods, or other versions of them, at two looks on end than `feed` told. Throws
   * KubeError.
   */
  isStale(feed: PodFeed): Promise<boolean>;
}

/** What was told is compared with what is there this often. */
const confirmedForMs = 15_000;
/** Versions are all that is compared, and pods are large. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

function versionsOf(pods: Iterable<{ metadata?: ObjectMeta }>): string {
  return [...pods]
    .map(({ metadata }) => `${metadata?.uid ?? ''} ${metadata?.resourceVersion ?? ''}`)
    .sort()
    .join();
}

/** A confirmation that has asked for nothing yet. */
export function createPodConfirmation(ports: {
  client: KubeClient;
  clock: Clock;
}): PodConfirmation {
  const { client, clock } = ports;
  const seen = new WeakMap<PodFeed, { confirmedMs: number; doubted?: string }>();
  return {
    isStale: async (feed) => {
      const before = seen.get(feed);
      const isDue = before !== undefined && clock.now() - before.confirmedMs >= confirmedForMs;
      if (before === undefined) seen.set(feed, { confirmedMs: clock.now() });
      if (!isDue) return false;
      const { namespace, labelSelector } = feed.scope;
      const told = versionsOf(feed.pods().values());
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
      const there = await client.list<Pod>(path, { labelSelector }, metadataOnly);
      const isNews = versionsOf(feed.pods().values()) !== told;
      if (!isNews && versionsOf(there) !== told) {
        seen.set(feed, { ...before, doubted: told });
        return before.doubted === told;
      }
      seen.set(feed, { confirmedMs: clock.now() });
      return false;
    },
  };
}
