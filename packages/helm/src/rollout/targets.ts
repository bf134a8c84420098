import {
  KubeError,
  parseWorkload,
  workloadPath,
  type KubeClient,
  type WorkloadRef,
} from '@slipway/kube';
import {
  objectKey,
  parseManifest,
  type ManifestObject,
  type ReleaseHook,
} from '../release/index.ts';

/** One workload whose rollout is followed. */
export interface RolloutTarget {
  ref: WorkloadRef;
  /** A job that Helm runs and waits for itself; only what is wrong with it is looked for. */
  hook: boolean;
  /** Whether the new manifest says something else about it than the old one. */
  changed: boolean;
  /** As it was before Helm began; undefined when it did not exist. */
  before: { uid: string; generation: number } | undefined;
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);
const upgradeEvents = new Set(['pre-install', 'post-install', 'pre-upgrade', 'post-upgrade']);

/** Pods are replaced only by hand (OnDelete), or not at all for now: Helm does not wait for these either. */
function isHeldBack(object: ManifestObject): boolean {
  const spec = object.spec as { paused?: unknown; updateStrategy?: { type?: unknown } } | undefined;
  return spec?.paused === true || spec?.updateStrategy?.type === 'OnDelete';
}

function workloadOf(object: ManifestObject, namespace: string): WorkloadRef | undefined {
  if (!workloadKinds.has(object.kind) || !/^(apps|batch)\//.test(object.apiVersion))
    return undefined;
  const name = `${object.kind.toLowerCase()}/${object.metadata.name}`;
  return parseWorkload(name, object.metadata.namespace ?? namespace);
}

async function stateOf(
  kube: KubeClient,
  ref: WorkloadRef,
): Promise<{ uid: string; generation: number } | undefined> {
  try {
    const { metadata } = await kube.get<{ metadata: { uid: string; generation?: number } }>(
      workloadPath(ref),
    );
    return { uid: metadata.uid, generation: metadata.generation ?? 0 };
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * The workloads of a new manifest and its hooks, with their state of now. Call it before Helm changes
 * anything: what was wrong before must not be held against the new revision.
 */
export async function rolloutTargets(
  kube: KubeClient,
  plan: {
    namespace: string;
    manifest: string;
    previousManifest: string | undefined;
    hooks: readonly ReleaseHook[];
    waitForJobs: boolean;
  },
): Promise<readonly RolloutTarget[]> {
  const { namespace } = plan;
  const previous = new Map(
    parseManifest(plan.previousManifest ?? '').map((object) => [
      objectKey(object, namespace),
      object.source.trim(),
    ]),
  );
  const wanted: Omit<RolloutTarget, 'before'>[] = [];
  for (const object of parseManifest(plan.manifest)) {
    const ref = workloadOf(object, namespace);
    if (ref === undefined || isHeldBack(object)) continue;
    if (ref.kind === 'job' && !plan.waitForJobs) continue;
    const changed = previous.get(objectKey(object, namespace)) !== object.source.trim();
    wanted.push({ ref, hook: false, changed });
  }
  for (const hook of plan.hooks) {
    if (hook.kind !== 'Job' || hook.events?.some((event) => upgradeEvents.has(event)) !== true)
      continue;
    const object = parseManifest(hook.manifest)[0];
    const ref = object === undefined ? undefined : workloadOf(object, namespace);
    if (ref !== undefined) wanted.push({ ref, hook: true, changed: true });
  }
  return await Promise.all(
    wanted.map(async (target) => ({ ...target, before: await stateOf(kube, target.ref) })),
  );
}
