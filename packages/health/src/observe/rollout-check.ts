import type { KubeClient } from '@slipway/kube';
import { observeRollouts, rolloutTruth, type RolloutObserver } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import {
  clusterOutage,
  deadlineFinding,
  imageFinding,
  lackingRights,
  podFinding,
  rolloutFinding,
  servingFinding,
  supersededRevision,
} from '../findings/index.ts';
import type { Finding } from '../judge/index.ts';
import type { Check, CheckTime, RolloutView } from './check.ts';
import {
  gapMs,
  lookAtRelease,
  unseenRelease,
  type ReleaseSight,
  type RolloutRequest,
} from './release-sight.ts';
import { createServingObserver, type ServingObserver } from './serving-observer.ts';

/** Follows the rollout and its pods, and lets the other checks see them. */
export interface RolloutCheck extends Check, RolloutView {}

interface Evidence {
  request: RolloutRequest;
  rollout: RolloutObserver;
  serving: ServingObserver;
  sight: ReleaseSight;
}

/** What the rollout and its pods say, with since when they have held. */
function seenFindings({ request, rollout, serving, sight }: Evidence, time: CheckTime): Finding[] {
  const state = rollout.state(request.workload);
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
  const evidence = serving.evidence();
  const served = evidence === undefined ? undefined : servingFinding(evidence, time.nowMs);
  const image = images.length === 0 ? undefined : imageFinding(images, truth.present);
  return [
    { ...finding, ...well },
    { ...podFinding(truth), ...well },
    ...(served === undefined ? [] : [served]),
    ...(image === undefined ? [] : [image.state === 'good' ? { ...image, ...well } : image]),
  ];
}

/** What the evidence says at one instant. */
function findingsOf(evidence: Evidence, time: CheckTime): Finding[] {
  const { request, sight } = evidence;
  const { lacking, revision, newer, outage, seenSinceMs } = sight;
  if (lacking !== undefined && lacking.length > 0)
    return [lackingRights(lacking, request.workload.namespace)];
  if (revision !== undefined && newer !== undefined) return [supersededRevision(revision, newer)];
  if (outage === undefined) return seenFindings(evidence, time);
  if (outage.status === 404 && !sight.released)
    return [{ ...imageFinding(request.images, []), detail: outage.message }];
  const everSeen = seenSinceMs !== undefined;
  const told = clusterOutage(outage, everSeen, time);
  if (!everSeen) return [told];
  // The watch of the pods goes on: an answer or two that failed tell nothing, and what is bad stays so.
  const seen = seenFindings(evidence, time);
  if (time.nowMs - outage.sinceMs < gapMs) return seen;
  return [told, ...seen.filter(({ state }) => state === 'bad')];
}

/** A check of one workload; `onNews` is called when something has changed. */
export function createRolloutCheck(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  request: RolloutRequest,
  onNews: () => void,
): RolloutCheck {
  const ref = request.workload;
  const rollout = observeRollouts(ports, {
    refs: [ref],
    wholeNamespace: false,
    // The pod is in the recording once this task is over.
    onPod: () => queueMicrotask(onNews),
  });
  const serving = createServingObserver(ports, ref);
  const sight = unseenRelease(request.images);
  const evidence: Evidence = { request, rollout, serving, sight };
  const sources = { ports, request, rollout, serving };

  return {
    run: async (signal) => {
      try {
        while (!signal.aborted) {
          await lookAtRelease(sources, sight);
          onNews();
          await rollout.next(request.intervalMs);
        }
      } finally {
        await rollout.stop();
      }
    },
    findings: (time) => findingsOf(evidence, time),
    evidence: () => ({
      ...sight,
      serving: serving.evidence(),
      recording: rollout.recording(ref),
    }),
    // Until the release is there, whatever the pods do is about another one.
    truth: (nowMs) => (sight.released ? rolloutTruth(rollout.state(ref), nowMs) : undefined),
    workload: () => rollout.state(ref).workload,
  };
}
