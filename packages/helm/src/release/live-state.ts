import { isDeepStrictEqual } from 'node:util';
import { KubeError, type KubeClient } from '@slipway/kube';
import { errorMessage } from '@slipway/runtime';
import { discoverResources } from './api-resources.ts';
import { objectName, type ManifestObject } from './manifest.ts';

/** One object that is not as the manifest says. */
export interface Drift {
  /** `Deployment/api`. */
  object: string;
  /** `missing`, `differs at spec.replicas`, or why it could not be compared. */
  how: string;
  /** False when the comparison itself was refused; nothing is known then. */
  certain: boolean;
}

/** Fields that change by themselves or by the comparison. */
const notOurs = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
]);

function comparable(object: unknown): unknown {
  const rest = { ...(object as Record<string, unknown>) };
  delete rest['status'];
  const metadata = (rest['metadata'] ?? {}) as Record<string, unknown>;
  return {
    ...rest,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !notOurs.has(key))),
  };
}

function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  const both = [a, b].every((value) => typeof value === 'object' && value !== null);
  if (!both) return path;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return path;
}

/**
 * Compares one object of the cluster with its manifest by a server-side apply that is only tried
 * (`dryRun=All`): the server fills in defaults and keeps what others own, so what is left to differ is
 * what the manifest says and the cluster does not have.
 */
async function driftOf(
  kube: KubeClient,
  object: ManifestObject,
  path: string | undefined,
): Promise<Drift | undefined> {
  const name = objectName(object);
  if (path === undefined)
    return { object: name, how: 'the cluster does not know its kind', certain: true };
  try {
    const [live, wanted] = await Promise.all([
      kube.get<unknown>(path),
      kube.apply<unknown>(path, object.source, {
        dryRun: 'All',
        force: true,
        // Not Helm's own name: that would take away the labels which Helm adds to what the chart says.
        fieldManager: 'slipway-compare',
        fieldValidation: 'Ignore',
      }),
    ]);
    const where = firstDifference(comparable(live), comparable(wanted), '');
    return where === undefined
      ? undefined
      : { object: name, how: `differs at ${where}`, certain: true };
  } catch (error) {
    if (error instanceof KubeError && error.status === 404)
      return { object: name, how: 'missing', certain: true };
    return { object: name, how: `cannot be compared: ${errorMessage(error)}`, certain: false };
  }
}

/** What of `objects` the cluster does not have as they say, in their order. Changes nothing. */
export async function findDrift(
  kube: KubeClient,
  objects: readonly ManifestObject[],
  namespace: string,
): Promise<readonly Drift[]> {
  const resources = discoverResources(kube);
  const found: Drift[] = [];
  const queue = [...objects.entries()];
  const results = new Map<number, Drift>();
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, object] = next;
      const drift = await driftOf(kube, object, await resources.pathOf(object, namespace));
      if (drift !== undefined) results.set(index, drift);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  for (const index of objects.keys()) {
    const drift = results.get(index);
    if (drift !== undefined) found.push(drift);
  }
  return found;
}

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
