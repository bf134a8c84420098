import {
  KubeError,
  workloadPath,
  type KubeClient,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import { rolloutTruth, type RolloutObserver, type RolloutTruth } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import { gapMs, isReleased, type ReleasedImage, type ReleaseSight } from '../findings/index.ts';
import { neighboursOf } from './similar-names.ts';
import { missingRights } from './rights.ts';
import type { ServingObserver } from './serving-observer.ts';

/** What is looked at. */
export interface RolloutRequest {
  workload: WorkloadRef;
  /** Waited for until the workload's pods run them; none to judge whatever is there. */
  images: readonly ReleasedImage[];
  /** Pause between two looks. Milliseconds, as the others. */
  intervalMs: number;
  minSoakMs: number;
  deadlineMs: number;
}

/** Nothing has been seen yet. */
export function unseenRelease(images: readonly ReleasedImage[]): ReleaseSight {
  return {
    lacking: undefined,
    released: images.length === 0,
    revision: undefined,
    newer: undefined,
    seenIn: undefined,
    outage: undefined,
    seenSinceMs: undefined,
  };
}

interface Sources {
  ports: { client: KubeClient; clock: Clock; log: Log };
  request: RolloutRequest;
  rollout: RolloutObserver;
  serving: ServingObserver;
}

function absent({ kind, name, namespace }: WorkloadRef): KubeError {
  return new KubeError(`There is no ${kind}/${name} in namespace ${namespace}.`, {
    status: 404,
    reason: 'NotFound',
    path: workloadPath({ kind, name, namespace }),
  });
}

async function askForRights({ ports, request }: Sources, sight: ReleaseSight): Promise<void> {
  if (sight.lacking !== undefined) return;
  const { needed, helpful } = await missingRights(ports.client, request.workload);
  sight.lacking = needed;
  if (helpful.length > 0)
    ports.log.info(
      `These credentials lack ${helpful.join(', ')}: causes may stay unnamed and Services unread.`,
    );
}

async function readServing(sources: Sources, truth: RolloutTruth): Promise<void> {
  const { rollout, serving, request } = sources;
  const current = new Set(truth.pods.map(({ pod }) => pod.metadata?.uid));
  const earlier = [...rollout.state(request.workload).pods.values()]
    .map(({ pod }) => pod)
    .filter(({ metadata }) => !current.has(metadata?.uid));
  await serving.look(truth, earlier);
}

/**
 * Takes note of the revision that a workload wants, once it is of the release and its controller has seen that. The
 * objects that tell a daemon set's revision may come after its status: another one of the same generation is no newer
 * release.
 */
export function noteRevision(
  sight: ReleaseSight,
  { revision, unseen, metadata: { uid, generation } }: Workload,
): void {
  if (!sight.released || unseen === true || revision === undefined) return;
  sight.seenIn ??= { uid, generation };
  const isSame = sight.seenIn.uid === uid && sight.seenIn.generation === generation;
  if (sight.revision === undefined || isSame) sight.revision = revision;
  else if (revision !== sight.revision) sight.newer = revision;
}

/** Reads the workload once more and takes note in `sight`. Throws KubeError. */
async function read(sources: Sources, sight: ReleaseSight): Promise<void> {
  const { ports, request, rollout } = sources;
  const ref = request.workload;
  await askForRights(sources, sight);
  if (sight.lacking !== undefined && sight.lacking.length > 0) return;
  await rollout.look();
  const state = rollout.state(ref);
  const truth = rolloutTruth(state, ports.clock.now());
  if (state.workload === undefined || truth === undefined) throw absent(ref);
  sight.released ||= isReleased(request.images, state.workload, truth.present);
  if (!sight.released) return;
  noteRevision(sight, state.workload);
  if (!truth.isJob) await readServing(sources, truth);
}

/** What may have been meant, asked once for each time that the workload is not there. */
async function nearestTo(
  sources: Sources,
  sight: ReleaseSight,
  error: KubeError,
): Promise<readonly string[]> {
  if (error.status !== 404) return [];
  return (
    sight.outage?.nearest ?? (await neighboursOf(sources.ports.client, sources.request.workload))
  );
}

/** Looks once: a failure of the API server becomes an outage in `sight`. */
export async function lookAtRelease(sources: Sources, sight: ReleaseSight): Promise<void> {
  const { clock } = sources.ports;
  try {
    await read(sources, sight);
    const nowMs = clock.now();
    const { outage } = sight;
    if (outage !== undefined && nowMs - outage.sinceMs > gapMs) sight.seenSinceMs = nowMs;
    sight.seenSinceMs ??= nowMs;
    sight.outage = undefined;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const sinceMs = sight.outage?.sinceMs ?? clock.now();
    const nearest = await nearestTo(sources, sight, error);
    const { message, status, reason } = error;
    sight.outage = { message, status, reason, sinceMs, nearest };
  }
}
