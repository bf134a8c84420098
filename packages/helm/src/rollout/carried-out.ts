import { readWorkload, type KubeClient } from '@slipway/kube';
import { findDrift, parseManifest, type ReleaseRecord } from '../release/index.ts';
import { rolloutTargets } from './targets.ts';
import { firstUnfit, waitedObjects } from './waited-objects.ts';

/**
 * Whether nothing is left for a Helm to do that works on a revision: the cluster has every object as its
 * manifest says, and all that such a Helm may wait for is there. Not known, and so false, where hooks come after
 * that. Throws KubeError.
 */
export async function isCarriedOut(kube: KubeClient, record: ReleaseRecord): Promise<boolean> {
  const { namespace, manifest = '', hooks = [] } = record;
  if (hooks.some(({ events }) => events?.some((event) => event.startsWith('post-')))) return false;
  const drift = await findDrift(kube, parseManifest(manifest), namespace);
  if (drift.some(({ keptBy }) => keptBy === undefined)) return false;
  const targets = await rolloutTargets(kube, {
    namespace,
    manifest,
    previousManifest: undefined,
    hooks: [],
    waitForJobs: true,
  });
  for (const { ref } of targets) if (!(await readWorkload(kube, ref)).rollout.done) return false;
  return (await firstUnfit(kube, waitedObjects(manifest, namespace))) === undefined;
}
