import { readWorkload, type KubeClient, type WorkloadRef } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import {
  findDrift,
  findExisting,
  objectKey,
  parseManifest,
  type ManifestObject,
  type StoredRevision,
} from '../release/index.ts';
import { doubtsOfServing, selectingServices, type Look } from './endpoints.ts';
import { doubtsOfImages, type ImageDigests } from './image-digests.ts';
import { readRunningPods, type RunningPods } from './running-pods.ts';
import { doubtsOfSoak, soakMs } from './soak.ts';

/** The revision label of each workload's pods (pod-template-hash, controller-revision-hash) at one time. */
export type WorkloadRevisions = Readonly<Record<string, string>>;

/** Reads the revision label of each workload; those that do not exist are left out. */
export async function readRevisions(
  kube: KubeClient,
  refs: readonly WorkloadRef[],
): Promise<WorkloadRevisions> {
  const found = await Promise.all(
    refs
      .filter(({ kind }) => kind !== 'job' && kind !== 'pod')
      .map(async (ref) => {
        const workload = await readWorkload(kube, ref).catch(() => undefined);
        return [`${ref.namespace}/${ref.kind}/${ref.name}`, workload?.revision] as const;
      }),
  );
  return Object.fromEntries(
    found.flatMap(([name, revision]) => (revision === undefined ? [] : [[name, revision]])),
  );
}

/** A rollback that Helm carried out, and how things were before the upgrade. */
export interface RolledBack {
  namespace: string;
  newest: StoredRevision | undefined;
  target: StoredRevision;
  failed: StoredRevision | undefined;
  workloads: readonly WorkloadRef[];
  /** As far as known. */
  revisions: WorkloadRevisions;
  /** As far as known. */
  images: ImageDigests;
}

/** What a proof needs of the world. */
export interface ProofPorts {
  kube: KubeClient;
  clock: Clock;
  signal: AbortSignal;
}

/** What differs between the target and Helm's history and the objects in the cluster. */
async function doubtsOfObjects(
  kube: KubeClient,
  { namespace, newest, target, failed }: RolledBack,
  objects: readonly ManifestObject[],
): Promise<readonly string[]> {
  const doubts: string[] = [];
  if (newest?.status !== 'deployed')
    doubts.push(`the newest revision is ${newest?.status ?? 'gone'}, not deployed`);
  if (newest?.record.manifest !== target.record.manifest)
    doubts.push(`the newest revision's manifest is not that of revision ${target.revision}`);
  for (const { object, how } of await findDrift(kube, objects, namespace))
    doubts.push(`${object} ${how}`);
  const kept = new Set(objects.map((object) => objectKey(object, namespace)));
  const left = parseManifest(failed?.record.manifest ?? '').filter(
    (object) =>
      !kept.has(objectKey(object, namespace)) &&
      object.metadata.annotations?.['helm.sh/resource-policy'] !== 'keep',
  );
  for (const name of await findExisting(kube, left, namespace))
    doubts.push(`${name} of the failed revision is still there`);
  return doubts;
}

/** Pods of another template than before, in words. */
function doubtsOfRevisions(
  running: readonly RunningPods[],
  revisions: WorkloadRevisions,
): readonly string[] {
  return running.flatMap(({ ref, name, revision }) => {
    const before = revisions[`${ref.namespace}/${name}`];
    if (before === undefined || revision === before || ref.kind === 'pod') return [];
    return [`${name} runs pods of template ${revision ?? 'unknown'}, before it was ${before}`];
  });
}

/** Controllers take about a second to fill EndpointSlices; busy ones some more. */
const fillsWithinMs = 15_000;
const pollMs = 500;

/** Looks until nothing speaks against it any more, or what does stays, for as long as that may take. */
async function settled(
  { clock, signal }: ProofPorts,
  look: () => Promise<Look>,
  withinMs: number,
): Promise<readonly string[]> {
  const untilMs = clock.now() + withinMs;
  for (;;) {
    const { doubts, isFinal } = await look();
    if (doubts.length === 0 || isFinal || clock.now() >= untilMs) return doubts;
    await clock.sleep(pollMs, signal);
  }
}

/** What a while shows of pods that were all there at its begin. */
async function doubtsWhileWatched(
  ports: ProofPorts,
  state: RolledBack,
  objects: readonly ManifestObject[],
): Promise<readonly string[]> {
  const { kube, clock, signal } = ports;
  const services = selectingServices(objects, state.namespace);
  const read = (): Promise<readonly RunningPods[]> => readRunningPods(kube, state.workloads);
  let running = await read();
  const unserved = async (): Promise<Look> => {
    running = await read();
    return await doubtsOfServing(kube, services, running);
  };
  const doubts = await settled(ports, unserved, fillsWithinMs);
  if (doubts.length > 0) return doubts;
  const before = running;
  await clock.sleep(soakMs, signal);
  // A pod that is drained just now has its successor soon.
  const absent = async (): Promise<Look> => {
    running = await read();
    const isFinal = doubtsOfSoak(before, running).length > 0;
    return { doubts: isFinal ? [] : running.flatMap((one) => one.doubts) };
  };
  const missing = await settled(ports, absent, fillsWithinMs);
  return [...doubtsOfSoak(before, running), ...missing];
}

/**
 * What speaks against the claim that the release is back at `target`; nothing when it is proven:
 * Helm's newest revision is deployed with the target's manifest, the cluster has every object of it as
 * it says, nothing of the failed revision is left, all pods are ready, of the very template and images they
 * had (as far as these were seen before the upgrade), and among the ready endpoints of the release's Services,
 * and none is restarted for 5 s. Throws KubeError for what cannot be read but must be, and the signal's reason.
 */
export async function doubtsOfRollback(
  ports: ProofPorts,
  state: RolledBack,
): Promise<readonly string[]> {
  const { kube } = ports;
  const objects = parseManifest(state.target.record.manifest ?? '');
  const [ofObjects, running] = await Promise.all([
    doubtsOfObjects(kube, state, objects),
    readRunningPods(kube, state.workloads),
  ]);
  const doubts = [
    ...ofObjects,
    ...running.flatMap((one) => one.doubts),
    ...doubtsOfRevisions(running, state.revisions),
    ...doubtsOfImages(running, state.images),
  ];
  return doubts.length > 0 ? doubts : await doubtsWhileWatched(ports, state, objects);
}
