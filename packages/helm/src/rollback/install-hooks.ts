import { KubeError, type KubeClient } from '@slipway/kube';
import { errorMessage } from '@slipway/runtime';
import {
  objectName,
  parseManifest,
  visitObjects,
  type ManifestObject,
  type ReleaseHook,
  type ReleasePorts,
} from '../release/index.ts';

/** What hooks of an install left behind, and what became of it. */
export interface LeftHooks {
  /** Runs that were taken away: `Job/migrate`. */
  removed: readonly string[];
  /** Runs that could not be, with why. */
  remaining: readonly string[];
  /** Other objects that hooks made, which stay: they may hold data. */
  kept: readonly string[];
}

const installEvents = new Set(['pre-install', 'post-install']);
/** Hooks that are runs of something and no more; what they did is not in them. */
const runKinds = new Set(['Job', 'Pod']);

interface Live {
  metadata: { uid: string; deletionTimestamp?: string };
}

interface FoundHook {
  object: ManifestObject;
  path: string;
  uid: string;
}

/** The hooks of an install that are in the cluster now. */
async function findHooks(
  kube: KubeClient,
  hooks: readonly ReleaseHook[],
  namespace: string,
): Promise<readonly FoundHook[]> {
  const objects = hooks
    .filter(({ events = [] }) => events.some((event) => installEvents.has(event)))
    .flatMap(({ manifest }) => parseManifest(manifest));
  return await visitObjects(kube, { objects, namespace }, async (object, path) => {
    if (path === undefined) return undefined;
    try {
      const { metadata } = await kube.get<Live>(path);
      return metadata.deletionTimestamp === undefined
        ? { object, path, uid: metadata.uid }
        : undefined;
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  });
}

/** The uids of what has the name of an install's hook already, before the install. */
export async function hooksBefore(
  kube: KubeClient,
  hooks: readonly ReleaseHook[],
  namespace: string,
): Promise<readonly string[]> {
  return (await findHooks(kube, hooks, namespace)).map(({ uid }) => uid);
}

/**
 * Takes away the Jobs and Pods that the hooks of a failed install started, which `helm uninstall` leaves:
 * the next install could meet them. What was there before (`before`, uids) and what is to be kept by
 * `helm.sh/resource-policy` stays.
 */
export async function removeHookRuns(
  { kube, signal }: Pick<ReleasePorts, 'kube' | 'signal'>,
  hooks: readonly ReleaseHook[],
  { namespace, before }: { namespace: string; before: readonly string[] },
): Promise<LeftHooks> {
  const ours = (await findHooks(kube, hooks, namespace)).filter(({ uid }) => !before.includes(uid));
  const removed: string[] = [];
  const remaining: string[] = [];
  const kept: string[] = [];
  for (const { object, path } of ours) {
    const name = objectName(object);
    const isKept = object.metadata.annotations?.['helm.sh/resource-policy'] === 'keep';
    if (isKept || !runKinds.has(object.kind)) {
      kept.push(name);
      continue;
    }
    try {
      await kube.delete(path, { propagationPolicy: 'Background' });
      removed.push(name);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KubeError)) throw error;
      if (error.status !== 404) remaining.push(`${name}: ${errorMessage(error)}`);
    }
  }
  return { removed, remaining, kept };
}
