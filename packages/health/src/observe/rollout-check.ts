import type { KubeClient } from '@slipway/kube';
import { keepState, observeRollouts, rolloutTruth } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import { releaseFindings, type KeptRelease, type ReleaseEvidence } from '../findings/index.ts';
import type { Check, RolloutView } from './check.ts';
import { lookAtRelease, unseenRelease, type RolloutRequest } from './release-sight.ts';
import { createServingObserver } from './serving-observer.ts';

/** Follows the rollout and its pods, and lets the other checks see them. */
export interface RolloutCheck extends Check, RolloutView {}

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
  const { workload, images, minSoakMs } = request;
  const known = (): ReleaseEvidence => ({
    question: { workload, images, minSoakMs },
    sight,
    state: rollout.state(ref),
    serving: serving.evidence(),
  });
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
    findings: (time) => releaseFindings(known(), time),
    evidence: (): KeptRelease => {
      const { state, ...rest } = known();
      return { ...rest, sight: { ...sight }, state: keepState(state) };
    },
    // Until the release is there, whatever the pods do is about another one.
    truth: (nowMs) => (sight.released ? rolloutTruth(rollout.state(ref), nowMs) : undefined),
    workload: () => rollout.state(ref).workload,
  };
}
