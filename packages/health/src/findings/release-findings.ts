import { restoreState, rolloutTruth, type KeptState, type RolloutState } from '@slipway/rollout';
import type { WorkloadRef } from '@slipway/kube';
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

/** What was asked about the rollout. */
export interface ReleaseQuestion {
  workload: WorkloadRef;
  /** Waited for until the workload's pods run them; none to judge whatever is there. */
  images: readonly ReleasedImage[];
  minSoakMs: number;
}

/** What was seen of the release beside its rollout. */
export interface ReleaseSight {
  /** Rights without which nothing can be verified; undefined until they were asked for. */
  lacking: readonly string[] | undefined;
  /** Whether the workload is of the release that is verified, be it not rolled out yet. */
  released: boolean;
  /** The revision that is verified, and the one that took its place. */
  revision: string | undefined;
  newer: string | undefined;
  outage: ClusterOutage | undefined;
  /** Nothing is vouched for before this time, in milliseconds since 1970. */
  seenSinceMs: number | undefined;
}

/** All that is known of a release at one time. */
export interface ReleaseEvidence {
  question: ReleaseQuestion;
  sight: ReleaseSight;
  state: RolloutState;
  serving: ServingEvidence | undefined;
}

/** The same as plain JSON. */
export interface KeptRelease extends Omit<ReleaseEvidence, 'state'> {
  state: KeptState;
}

/** Milliseconds, as a verification counts them. */
interface Time {
  nowMs: number;
  elapsedMs: number;
  deadlineMs: number;
}

/** A silence of the API server, after which nothing vouches for what happened meanwhile. */
export const gapMs = 10_000;

/** What the rollout and its pods say, with since when they have held. */
function seenFindings(evidence: ReleaseEvidence, time: Time): Finding[] {
  const { question, sight, state, serving } = evidence;
  const truth = rolloutTruth(state, time.nowMs);
  if (truth === undefined || state.workload === undefined)
    return [{ check: 'rollout', state: 'open', detail: 'the workload has not been read yet' }];
  const { images, minSoakMs } = question;
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

/** What the evidence about a release says at one instant. */
export function releaseFindings(evidence: ReleaseEvidence, time: Time): Finding[] {
  const { question, sight } = evidence;
  const { lacking, revision, newer, outage, seenSinceMs } = sight;
  if (lacking !== undefined && lacking.length > 0)
    return [lackingRights(lacking, question.workload.namespace)];
  if (revision !== undefined && newer !== undefined) return [supersededRevision(revision, newer)];
  if (outage === undefined) return seenFindings(evidence, time);
  if (outage.status === 404 && !sight.released)
    return [{ ...imageFinding(question.images, []), detail: outage.message }];
  const everSeen = seenSinceMs !== undefined;
  const told = clusterOutage(outage, everSeen, time);
  if (!everSeen) return [told];
  // The watch of the pods goes on: an answer or two that failed tell nothing, and what is bad stays so.
  const seen = seenFindings(evidence, time);
  if (time.nowMs - outage.sinceMs < gapMs) return seen;
  return [told, ...seen.filter(({ state }) => state === 'bad')];
}

/** What evidence that was kept says at one instant: the same as it said then. */
export function replayRelease(kept: KeptRelease, time: Time): Finding[] {
  return releaseFindings({ ...kept, state: restoreState(kept.state) }, time);
}
