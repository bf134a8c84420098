import {
  isLeaving,
  isServing,
  lastingStatuses,
  readWorkload,
  workloadPods,
  type KubeClient,
  type Pod,
  type WorkloadRef,
} from '@slipway/kube';

/** A workload's pods of the current revision at one time. */
export interface RunningPods {
  ref: WorkloadRef;
  /** `deployment/api`. */
  name: string;
  /** The label of their revision. */
  revision: string | undefined;
  /** Names of the containers of its template; undefined where that is not known. */
  containers: ReadonlySet<string> | undefined;
  /** Those that are not on their way out. */
  staying: readonly Pod[];
  /** Those of them that are ready. */
  serving: readonly Pod[];
  /** What speaks against it that they are all there. */
  doubts: readonly string[];
}

async function readRunning(kube: KubeClient, ref: WorkloadRef): Promise<RunningPods> {
  const workload = await readWorkload(kube, ref);
  const { desired, revision, rollout, template } = workload;
  const containers = template && new Set(template.containers.map(({ name }) => name));
  const name = `${ref.kind}/${ref.name}`;
  const doubts = rollout.done ? [] : [`${name}: ${rollout.message}`];
  if (ref.kind === 'pod')
    return { ref, name, revision, containers, staying: [], serving: [], doubts };
  const staying = (await workloadPods(kube, workload)).current.filter((pod) => !isLeaving(pod));
  const serving = staying.filter(isServing);
  if (serving.length < desired)
    doubts.push(`${name}: ${serving.length} of ${desired} pods are ready`);
  return { ref, name, revision, containers, staying, serving, doubts };
}

/** Reads what runs of each workload; jobs run to their end and are left out. Throws KubeError. */
export async function readRunningPods(
  kube: KubeClient,
  refs: readonly WorkloadRef[],
): Promise<readonly RunningPods[]> {
  const lasting = refs.filter(({ kind }) => kind !== 'job');
  return await Promise.all(lasting.map((ref) => readRunning(kube, ref)));
}

/** How often the containers of a pod were started anew, those of init containers that end left out. */
export function restartsOf(pod: Pod): number {
  return lastingStatuses(pod).reduce((sum, { restartCount }) => sum + restartCount, 0);
}
