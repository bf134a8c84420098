import type { Workload } from '@slipway/kube';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import type { Finding } from '../judge/index.ts';

/** The one instant at which all checks of a look are asked. Milliseconds. */
export interface CheckTime {
  /** By the runner's clock, since 1970. */
  nowMs: number;
  /** When the verification began, since 1970. */
  beganMs: number;
  /** From its begin to now. */
  elapsedMs: number;
  /** From its begin to its end. */
  deadlineMs: number;
}

/** One source of evidence. All checks of a verification run side by side. */
export interface Check {
  /**
   * Collects until `signal` aborts. Failures of the world become evidence; it throws only our own bugs.
   */
  run(signal: AbortSignal): Promise<void>;
  /** What is known at one instant: a quick and pure function of the evidence and the time. */
  findings(time: CheckTime): readonly Finding[];
  /** What has been collected, as plain JSON: a replay of it gives the same findings. */
  evidence(): unknown;
}

/** What the other checks may ask of the rollout that they are about. */
export interface RolloutView {
  /** Undefined while the workload has not been read. */
  truth(nowMs: number): RolloutTruth | undefined;
  workload(): Workload | undefined;
}

/** What may be asked of the pods that the new ones are compared with. */
export interface EarlierPods {
  /** Pods of earlier revisions that were seen, those that are gone included. */
  earlier(): readonly PodRecord[];
  /**
   * When the current revision was made, of kinds whose pods' names do not tell the revision; undefined, or
   * absent, where nobody knows. Milliseconds since 1970.
   */
  revisionBeganMs?(): number | undefined;
}
