import type { KubeClient } from '@slipway/kube';
import { discoverResources } from './api-resources.ts';
import type { ManifestObject } from './manifest.ts';

const atOnce = 8;

/**
 * Calls `visit` for each object with its path in the API (undefined when the cluster does not know its
 * kind), eight at once, and gives what it answered in the order of the objects.
 */
export async function visitObjects<T>(
  kube: KubeClient,
  scope: { objects: readonly ManifestObject[]; namespace: string },
  visit: (object: ManifestObject, path: string | undefined) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const resources = discoverResources(kube);
  const answers = new Map<number, T>();
  const queue = [...scope.objects.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, object] = next;
      const answer = await visit(object, await resources.pathOf(object, scope.namespace));
      if (answer !== undefined) answers.set(index, answer);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer);
}
