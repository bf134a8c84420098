import { KubeError, type KubeClient } from '@slipway/kube';
import { discoverResources } from './api-resources.ts';
import { objectName, type ManifestObject } from './manifest.ts';

/** Which of `objects` are still in the cluster. */
export async function findExisting(
  kube: KubeClient,
  objects: readonly ManifestObject[],
  namespace: string,
): Promise<readonly string[]> {
  const resources = discoverResources(kube);
  const states = await Promise.all(
    objects.map(async (object) => {
      const path = await resources.pathOf(object, namespace);
      if (path === undefined) return undefined;
      try {
        const live = await kube.get<{ metadata?: { deletionTimestamp?: string } }>(path);
        return live.metadata?.deletionTimestamp === undefined ? objectName(object) : undefined;
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return undefined;
        throw error;
      }
    }),
  );
  return states.filter((name) => name !== undefined);
}
