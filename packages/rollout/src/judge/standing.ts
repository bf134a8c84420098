import { isCurrentPod, type Workload } from '@slipway/kube';
import type { PodHistory, PodRecord } from '../history/index.ts';

/** How the pods of the current revision stand, by what was observed last. */
export interface Standing {
  /** Those that leave or are gone included. */
  pods: readonly PodRecord[];
  /** Those of them that are to stay. */
  present: readonly PodRecord[];
  /** How many of these are ready: the pods that serve. */
  serving: number;
  /** The controller is through, or every pod that is due under a partition or OnDelete serves. */
  done: boolean;
}

/** How the pods of `workload` stand. */
export function standingOf(workload: Workload, history: PodHistory): Standing {
  const pods = [...history.values()].filter(({ pod }) => isCurrentPod(workload, pod));
  const present = pods.filter(({ leaving }) => !leaving);
  const serving = present.filter(({ ready }) => ready).length;
  const partDone =
    workload.hold?.kind === 'part' && serving >= workload.desired && serving === present.length;
  return { pods, present, serving, done: workload.rollout.done || partDone };
}
