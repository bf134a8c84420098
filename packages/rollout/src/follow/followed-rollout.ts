import type { Workload, WorkloadRef } from '@slipway/kube';
import { slimPod, slimTemplate, type Observation } from '../history/index.ts';
import { observe, rolloutTruth, unseenRollout, type RolloutState } from '../judge/index.ts';

/** Longer recordings lose their oldest observations; an hour of a busy rollout has some thousand. */
const longestRecording = 5_000;

/** A recording of one rollout that is being made, with its state. */
export interface FollowedRollout {
  readonly ref: WorkloadRef;
  state: RolloutState;
  recording: Observation[];
  /** What the observations came to that the recording has lost; undefined while it has lost none. */
  lost: RolloutState | undefined;
}

/** A recording of `ref` without anything in it. */
export function beginRecording(ref: WorkloadRef): FollowedRollout {
  return { ref, state: unseenRollout, recording: [], lost: undefined };
}

/** The observation without what is needed only while the rollout is followed, and may be secret. */
function written(observation: Observation): Observation {
  return observation.kind === 'pod'
    ? { ...observation, pod: slimPod(observation.pod) }
    : observation;
}

/** Adds an observation; one that tells nothing about this rollout is not kept. */
export function record(followed: FollowedRollout, observation: Observation): void {
  const before = followed.state;
  followed.state = observe(before, observation);
  if (followed.state === before) return;
  const kept = written(observation);
  followed.recording.push(kept);
  if (followed.recording.length <= longestRecording) return;
  const oldest = followed.recording.shift();
  if (oldest !== undefined) followed.lost = observe(followed.lost ?? unseenRollout, oldest);
}

/** Of annotations, those that name what made the workload; others hold whole objects, secrets among them. */
const keptAnnotations = 'meta.helm.sh/';

function slimMetadata(metadata: Workload['metadata']): Workload['metadata'] {
  const { name, namespace, uid, generation, resourceVersion, annotations = {} } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => key.startsWith(keptAnnotations));
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(generation === undefined ? {} : { generation }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    annotations: Object.fromEntries(kept),
  };
}

/** The workload without what no judgement needs and what may be secret. */
export function slimWorkload(workload: Workload): Workload {
  const { template, metadata } = workload;
  return {
    ...workload,
    metadata: slimMetadata(metadata),
    template: template === undefined ? undefined : slimTemplate(template),
  };
}

/** What is to be asked for events: pods that do not serve, and makers of pods that are missing. */
export function uidsInDoubt(state: RolloutState, nowMs: number): string[] {
  const truth = rolloutTruth(state, nowMs);
  if (truth === undefined || truth.steady) return [];
  const pods = truth.present
    .filter(({ ready }) => !ready)
    .map(({ pod }) => pod.metadata?.uid ?? '');
  const missing = truth.present.length < truth.desired;
  return [...pods, ...(missing ? (state.workload?.makers ?? []).map(({ uid }) => uid) : [])];
}
