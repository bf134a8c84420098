import { KubeError, type KubeClient } from '@slipway/kube';
import type { Json } from '../merge/index.ts';
import { objectName, type ManifestObject } from './manifest.ts';
import { visitObjects } from './object-visit.ts';

/** The object at `path`; undefined when there is none. Throws KubeError when that is not known. */
export async function readLiveObject(kube: KubeClient, path: string): Promise<Json | undefined> {
  try {
    return await kube.get<Json>(path);
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/** Those of `objects` that the cluster has, as it has them. Throws KubeError. */
export async function readObjects(
  kube: KubeClient,
  objects: readonly ManifestObject[],
  namespace: string,
): Promise<readonly { name: string; object: Json }[]> {
  return await visitObjects(kube, { objects, namespace }, async (object, path) => {
    const live = path === undefined ? undefined : await readLiveObject(kube, path);
    return live === undefined ? undefined : { name: objectName(object), object: live };
  });
}
