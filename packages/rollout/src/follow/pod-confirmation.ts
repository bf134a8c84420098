import type { KubeClient } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import { createListConfirmation } from './list-confirmation.ts';
import type { PodFeed } from './pod-feed.ts';

/** Finds watches of pods whose connection has died without a word. */
export interface PodConfirmation {
  /** As `ListConfirmation` tells it of the pods of `feed`. Throws KubeError. */
  isStale(feed: PodFeed): Promise<boolean>;
}

/** A confirmation that has asked for nothing yet. */
export function createPodConfirmation(ports: {
  client: KubeClient;
  clock: Clock;
}): PodConfirmation {
  const confirmation = createListConfirmation(ports);
  return {
    isStale: async (feed) => {
      const { namespace, labelSelector } = feed.scope;
      return await confirmation.isStale(feed, {
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
        query: { labelSelector },
        told: () => feed.pods().values(),
      });
    },
  };
}
