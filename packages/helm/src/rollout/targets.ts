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
import { accountChange, type AccountChange } from './account-change.ts';

/** One workload whose rollout is followed. */
export interface RolloutTarget {
  ref: WorkloadRef;
  /** A job or pod that Helm runs and waits for itself; only what is wrong with it is looked for. */
  hook: boolean;
  /** Its pods are replaced when the user deletes them (OnDelete): nobody waits for it. */
  onDelete: boolean;
  /** Whether the new manifest says something else about it than the old one. */
  changed: boolean;
  /** What the manifests say of the service account of its pods. */
  account: AccountChange;
  /** As it was before Helm began; undefined when it did not exist. */
  before: { uid: string; generation: number } | undefined;
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);
const upgradeEvents = new Set(['pre-install', 'post-install', 'pre-upgrade', 'post-upgrade']);

/** How pods are replaced: only by hand (OnDelete), or not at all for now. Helm does not wait for these either. */
function heldBack(object: ManifestObject): 'onDelete' | 'paused' | undefined {
  const spec = object.spec as { paused?: unknown; updateStrategy?: { type?: unknown } } | undefined;
  if (spec?.updateStrategy?.type === 'OnDelete') return 'onDelete';
  return spec?.paused === true ? 'paused' : undefined;
}

function workloadOf(object: ManifestObject, namespace: string): WorkloadRef | undefined {
  const { name: own, namespace: within = namespace } = object.metadata;
  if (object.kind === 'Pod' && object.apiVersion === 'v1')
    return { kind: 'pod', name: own, namespace: within };
  if (!workloadKinds.has(object.kind) || !/^(apps|batch)\//.test(object.apiVersion))
    return undefined;
  return parseWorkload(`${object.kind.toLowerCase()}/${own}`, within);
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
    /** Whether workloads are among them that nobody waits for, because users replace their pods. */
    withOnDelete?: boolean;
  },
): Promise<readonly RolloutTarget[]> {
  const { namespace } = plan;
  const previous = new Map(
    parseManifest(plan.previousManifest ?? '').map((object) => [
      objectKey(object, namespace),
      object,
    ]),
  );
  const wanted: Omit<RolloutTarget, 'before'>[] = [];
  for (const object of parseManifest(plan.manifest)) {
    const ref = workloadOf(object, namespace);
    const held = heldBack(object);
    const onDelete = held === 'onDelete' && plan.withOnDelete === true;
    if (ref === undefined || (held !== undefined && !onDelete)) continue;
    if (ref.kind === 'job' && !plan.waitForJobs) continue;
    const old = previous.get(objectKey(object, namespace));
    const changed = old?.source.trim() !== object.source.trim();
    wanted.push({ ref, hook: false, onDelete, changed, account: accountChange(object, old) });
  }
  for (const hook of plan.hooks) {
    if (hook.events?.some((event) => upgradeEvents.has(event)) !== true) continue;
    if (hook.kind !== 'Job' && hook.kind !== 'Pod') continue;
    const object = parseManifest(hook.manifest)[0];
    const ref = object === undefined ? undefined : workloadOf(object, namespace);
    if (ref !== undefined)
      wanted.push({ ref, hook: true, onDelete: false, changed: true, account: 'named' });
  }
  return await Promise.all(
    wanted.map(async (target) => ({ ...target, before: await stateOf(kube, target.ref) })),
  );
}
