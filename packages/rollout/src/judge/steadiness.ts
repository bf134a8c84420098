import type { Workload } from '@slipway/kube';
import type { PodRecord } from '../history/index.ts';
import type { Standing } from './standing.ts';

/** Since when the pods that are to serve have served without a break. Milliseconds since 1970. */
export interface Steadiness {
  /** The revision that this is about. */
  revision: string | undefined;
  /** Its rollout has been done at some time. */
  wasDone: boolean;
  /** Undefined when it is not so now. */
  sinceMs: number | undefined;
  /** Since when pods are missing, where nothing but their leaving is seen. */
  shortMs: number | undefined;
}

/** Nothing has been seen yet. */
export const unseenSteadiness: Steadiness = {
  revision: undefined,
  wasDone: false,
  sinceMs: undefined,
  shortMs: undefined,
};

/**
 * A scale-in shows in its pods before the workload is read again, which happens at once and at the latest
 * after two seconds: pods are short only when they still are by then.
 */
const shortForMs = 3_000;

/** Whether one of the pods that stay has just lost its readiness or a container, be it ready again already. */
function isBroken(
  present: readonly PodRecord[],
  { before, now }: { before: PodRecord | undefined; now: PodRecord | undefined },
): boolean {
  if (now === undefined || !present.includes(now)) return false;
  return (
    now.flapsMs.length > (before?.flapsMs.length ?? 0) ||
    now.ends.length > (before?.ends.length ?? 0)
  );
}

/** The steadiness after one more observation; `changed` is the pod that it was about, before and after. */
export function steadinessAfter(
  steadiness: Steadiness,
  seen: { workload: Workload; standing: Standing; atMs: number },
  changed: { before: PodRecord | undefined; now: PodRecord | undefined },
): Steadiness {
  const { workload, standing, atMs } = seen;
  const { present, serving, done } = standing;
  const { revision } = workload;
  // What held for another revision says nothing about this one.
  const before = steadiness.revision === revision ? steadiness : unseenSteadiness;
  const wasDone = done || before.wasDone;
  if (!wasDone || serving < present.length)
    return { revision, wasDone, sinceMs: undefined, shortMs: undefined };
  const { shortMs } = before;
  const late = shortMs !== undefined && atMs - shortMs >= shortForMs;
  const anew = late || isBroken(present, changed);
  const sinceMs = anew ? undefined : before.sinceMs;
  const whole = present.length > 0 && serving >= workload.desired;
  return whole
    ? { revision, wasDone, sinceMs: sinceMs ?? atMs, shortMs: undefined }
    : { revision, wasDone, sinceMs, shortMs: shortMs ?? atMs };
}

/** Since when all has been steady at `nowMs`; undefined when it is not, or pods have been short for too long. */
export function steadySince({ sinceMs, shortMs }: Steadiness, nowMs: number): number | undefined {
  return shortMs !== undefined && nowMs - shortMs >= shortForMs ? undefined : sinceMs;
}
