import {
  isServing,
  KubeError,
  readWorkload,
  workloadPods,
  type KubeClient,
  type Pod,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import { errorMessage } from '@slipway/runtime';
import type { RunningPods } from './running-pods.ts';

/** The digests that the containers of each workload ran, by `namespace/kind/name` and container. */
export type ImageDigests = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * The digest in what a node says of an image. Runtimes that name the configuration of the image instead say
 * another thing on another platform, so only digests in a repository are compared.
 */
function digestIn(imageId: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(imageId)?.[1];
}

function containersOf(pods: readonly Pod[]): readonly { container: string; digest: string }[] {
  return pods.flatMap(({ status }) =>
    (status?.containerStatuses ?? []).flatMap(({ name, imageID }) => {
      const digest = digestIn(imageID);
      return digest === undefined ? [] : [{ container: name, digest }];
    }),
  );
}

const keyOf = ({ namespace, kind, name }: WorkloadRef): string => `${namespace}/${kind}/${name}`;

function digestsOf(pods: readonly Pod[]): ImageDigests[string] {
  const groups = Map.groupBy(containersOf(pods), ({ container }) => container);
  return Object.fromEntries(
    [...groups].map(([name, found]) => [name, [...new Set(found.map(({ digest }) => digest))]]),
  );
}

/** The digests of the pods of one workload that are ready. */
async function readDigests(kube: KubeClient, workload: Workload): Promise<ImageDigests[string]> {
  return digestsOf((await workloadPods(kube, workload)).current.filter(isServing));
}

/** What runs of some workloads at one time; what cannot be read is left out. */
export interface RunningBefore {
  /** The label of the revision of their pods, by `namespace/kind/name`. */
  revisions: Readonly<Record<string, string>>;
  images: ImageDigests;
  /** What could not be read, in words: no proof of a rollback compares it. */
  unread: readonly string[];
}

/** Of a workload that is not there nothing runs: nothing of it is unread. */
const isAbsent = (error: unknown): boolean => error instanceof KubeError && error.status === 404;

/** Reads what runs of each workload, jobs and bare pods left out. */
export async function readRunningBefore(
  kube: KubeClient,
  refs: readonly WorkloadRef[],
): Promise<RunningBefore> {
  const revisions: Record<string, string> = {};
  const images: Record<string, ImageDigests[string]> = {};
  const unread: string[] = [];
  const note = async (ref: WorkloadRef): Promise<void> => {
    try {
      const workload = await readWorkload(kube, ref);
      if (workload.revision === undefined) return;
      revisions[keyOf(ref)] = workload.revision;
      images[keyOf(ref)] = await readDigests(kube, workload);
    } catch (error) {
      if (!isAbsent(error)) unread.push(`${ref.kind}/${ref.name}: ${errorMessage(error)}`);
    }
  };
  await Promise.all(refs.filter(({ kind }) => kind !== 'job' && kind !== 'pod').map(note));
  return { revisions, images, unread };
}

/**
 * What speaks against the claim that each container of a template runs an image that it ran before. What an
 * admission webhook puts beside them (a mesh's proxy) comes with the pod and in the mesh's own version.
 */
export function doubtsOfImages(
  running: readonly RunningPods[],
  before: ImageDigests,
): readonly string[] {
  const doubts = running.flatMap(({ ref, name, serving, containers }) =>
    containersOf(serving).flatMap(({ container, digest }) => {
      const known = before[keyOf(ref)]?.[container] ?? [];
      const isInjected = containers !== undefined && !containers.has(container);
      if (isInjected || known.length === 0 || known.includes(digest)) return [];
      return [`${name}: ${container} runs ${digest}, before it was ${known.join(' or ')}`];
    }),
  );
  return [...new Set(doubts)];
}
