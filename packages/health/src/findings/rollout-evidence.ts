import type { WorkloadRef } from '@slipway/kube';
import {
  foldRecording,
  rolloutTruth,
  type Checkpoint,
  type Observation,
  type RolloutState,
} from '@slipway/rollout';
import type { Finding } from '../judge/index.ts';
import {
  clusterOutage,
  lackingRights,
  supersededRevision,
  type ClusterOutage,
} from './cluster-findings.ts';
import { deadlineFinding } from './deadline-finding.ts';
import { imageFinding, type ReleasedImage } from './image-finding.ts';
import { podFinding } from './pod-findings.ts';
import { rolloutFinding } from './rollout-findings.ts';
import { servingFinding, type ServingEvidence } from './serving-finding.ts';

/** What was seen of the release beside the recording of its rollout. */
export interface ReleaseSight {
  /** Rights without which nothing can be verified; undefined until they were asked for. */
  lacking: readonly string[] | undefined;
  /** Whether the workload is of the release that is verified, be it not rolled out yet. */
  released: boolean;
  /** The revision that is verified, and the one that took its place. */
  revision: string | undefined;
  newer: string | undefined;
  /** The object and its generation in which `revision` was seen first; undefined while there is none. */
  seenIn: { uid: string | undefined; generation: number | undefined } | undefined;
  outage: ClusterOutage | undefined;
  /** Nothing is vouched for before this time, in milliseconds since 1970. */
  seenSinceMs: number | undefined;
}

/** A silence of the API server, after which nothing vouches for what happened meanwhile. */
export const gapMs = 10_000;

/** What was asked for and seen of a release beside the recording of its rollout, as plain JSON. */
export interface ReleaseEvidence {
  request: { workload: WorkloadRef; images: readonly ReleasedImage[]; minSoakMs: number };
  sight: ReleaseSight;
  /** Undefined while Services were not read, or may not be. */
  serving: ServingEvidence | undefined;
}

/** All that the check of the rollout has collected, as plain JSON. */
export interface RolloutEvidence extends ReleaseEvidence {
  /** What came before the recording, when it does not begin with the verification. */
  before?: Checkpoint | undefined;
  recording: readonly Observation[];
}

/** Milliseconds: since 1970, since the begin, and from the begin to the end. */
interface LookTime {
  nowMs: number;
  elapsedMs: number;
  deadlineMs: number;
}

/** What the rollout and its pods say, with since when they have held. */
function seenFindings(
  { request, serving, sight }: ReleaseEvidence,
  state: RolloutState,
  time: LookTime,
): Finding[] {
  const truth = rolloutTruth(state, time.nowMs);
  if (truth === undefined || state.workload === undefined)
    return [{ check: 'rollout', state: 'open', detail: 'the workload has not been read yet' }];
  const { images, minSoakMs } = request;
  if (!sight.released) return [imageFinding(images, truth.present)];
  const tooShort = deadlineFinding(state.workload, truth.wasDone, { ...time, minSoakMs });
  if (tooShort !== undefined) return [tooShort];
  const { steadySinceMs } = truth;
  const well =
    steadySinceMs === undefined
      ? {}
      : { wellSinceMs: Math.max(steadySinceMs, sight.seenSinceMs ?? time.nowMs) };
  const finding = rolloutFinding(truth, time);
  if (truth.isJob) return [finding];
  const served = serving === undefined ? undefined : servingFinding(serving, time.nowMs);
  const image = images.length === 0 ? undefined : imageFinding(images, truth.present);
  return [
    { ...finding, ...well },
    { ...podFinding(truth), ...well },
    ...(served === undefined ? [] : [served]),
    ...(image === undefined ? [] : [image.state === 'good' ? { ...image, ...well } : image]),
  ];
}

/** What a look at the release says at one instant. */
export function releaseFindings(
  evidence: ReleaseEvidence,
  state: RolloutState,
  time: LookTime,
): Finding[] {
  const { request, sight } = evidence;
  const { lacking, revision, newer, outage, seenSinceMs } = sight;
  if (lacking !== undefined && lacking.length > 0)
    return [lackingRights(lacking, request.workload.namespace)];
  if (revision !== undefined && newer !== undefined) return [supersededRevision(revision, newer)];
  if (outage === undefined) return seenFindings(evidence, state, time);
  if (outage.status === 404 && !sight.released)
    return [{ ...imageFinding(request.images, []), detail: outage.message }];
  const everSeen = seenSinceMs !== undefined;
  const told = clusterOutage(outage, everSeen, time);
  if (!everSeen) return [told];
  // The watch of the pods goes on: an answer or two that failed tell nothing, and what is bad stays so.
  const seen = seenFindings(evidence, state, time);
  if (time.nowMs - outage.sinceMs < gapMs) return seen;
  return [told, ...seen.filter(({ state }) => state === 'bad')];
}

/** The same from the evidence alone: what its recording comes to is what the check had before it. */
export function replayRollout(evidence: RolloutEvidence, time: LookTime): readonly Finding[] {
  return releaseFindings(evidence, foldRecording(evidence.recording, evidence.before), time);
}
