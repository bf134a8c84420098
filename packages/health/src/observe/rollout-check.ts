import { isCurrentPod, revisionBeganMs, type KubeClient } from '@slipway/kube';
import { observeRollouts, rolloutTruth, type PodRecord } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import { releaseFindings, type ReleaseEvidence, type RolloutEvidence } from '../findings/index.ts';
import type { Check, EarlierPods, RolloutView } from './check.ts';
import {
  lookAtRelease,
  noteRevision,
  unseenRelease,
  type RolloutRequest,
} from './release-sight.ts';
import { createServingObserver } from './serving-observer.ts';

/** Follows the rollout and its pods, and lets the other checks see them. */
export interface RolloutCheck extends Check, RolloutView, EarlierPods {}

/** A check of one workload; `onNews` is called when something has changed. */
export function createRolloutCheck(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  request: RolloutRequest,
  onNews: () => void,
): RolloutCheck {
  const ref = request.workload;
  const sight = unseenRelease(request.images);
  const rollout = observeRollouts(ports, {
    refs: [ref],
    wholeNamespace: false,
    watched: true,
    onWorkload: (workload) => noteRevision(sight, workload),
    // The pod is in the recording once this task is over.
    onPod: () => queueMicrotask(onNews),
  });
  const serving = createServingObserver(ports, ref, () => rollout.nudge());
  const sources = { ports, request, rollout, serving };
  const { images, minSoakMs } = request;
  const evidence = (): ReleaseEvidence => ({
    request: { workload: ref, images, minSoakMs },
    sight: { ...sight },
    serving: serving.evidence(),
  });

  const earlier = (): readonly PodRecord[] => {
    const { workload, pods } = rollout.state(ref);
    if (workload?.current === undefined || !sight.released) return [];
    return [...pods.values()].filter(({ pod }) => !isCurrentPod(workload, pod));
  };

  /** Of the revision that is verified; asked for once. */
  let began: { revision: string; ms: number | undefined } | undefined;
  const askForBegin = async (): Promise<void> => {
    const { workload } = rollout.state(ref);
    const { revision } = sight;
    if (workload === undefined || revision === undefined || began?.revision === revision) return;
    began = { revision, ms: await revisionBeganMs(ports.client, workload) };
  };

  return {
    run: async (signal) => {
      try {
        while (!signal.aborted) {
          await lookAtRelease(sources, sight);
          await askForBegin();
          onNews();
          await rollout.next(request.intervalMs);
        }
      } finally {
        await Promise.all([rollout.stop(), serving.stop()]);
      }
    },
    findings: (time) => releaseFindings(evidence(), rollout.state(ref), time),
    evidence: (): RolloutEvidence => ({
      ...evidence(),
      before: rollout.checkpoint(ref),
      recording: rollout.recording(ref),
    }),
    // Until the release is there, whatever the pods do is about another one.
    truth: (nowMs) => (sight.released ? rolloutTruth(rollout.state(ref), nowMs) : undefined),
    workload: () => rollout.state(ref).workload,
    earlier,
    revisionBeganMs: () => began?.ms,
  };
}
