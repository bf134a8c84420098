import type { Pod } from '@slipway/kube';
import type { PodRecord } from '@slipway/rollout';
import { excuse, newProbeRecord, type ProbeRecord } from '../../findings/index.ts';
import type { ProbeTarget } from './probe-target.ts';

/** One target of one pod, and what came of asking it. Written to as answers come in. */
export interface AskedProbe {
  pod: Pod;
  /** Whether the kubelet holds the pod ready. */
  ready: boolean;
  target: ProbeTarget;
  record: ProbeRecord;
  lastMs: number;
  underWay: boolean;
}

/** A pod's uid; empty only in tests. */
export const uidOf = (pod: Pod): string => pod.metadata?.uid ?? '';
/** A pod's name. */
export const nameOf = (pod: Pod): string => pod.metadata?.name ?? '';

/**
 * What is asked of the pods that are there now, with what is known from before. A pod that the kubelet does
 * not hold ready is judged with the rollout: its record begins anew.
 */
export function askedOf(
  present: readonly PodRecord[],
  targetsOf: (pod: Pod) => readonly ProbeTarget[],
  before: ReadonlyMap<string, AskedProbe>,
): ReadonlyMap<string, AskedProbe> {
  const now = new Map<string, AskedProbe>();
  for (const { pod, ready } of present)
    for (const target of targetsOf(pod)) {
      const key = `${uidOf(pod)} ${target.key}`;
      const one = before.get(key) ?? {
        pod,
        ready,
        target,
        record: newProbeRecord(nameOf(pod)),
        lastMs: -Infinity,
        underWay: false,
      };
      if (!ready) one.record = excuse(one.record);
      now.set(key, Object.assign(one, { pod, ready }));
    }
  return now;
}

/** What has waited long enough, that which has waited longest first. */
export function dueOf(
  asked: ReadonlyMap<string, AskedProbe>,
  nowMs: number,
  intervalMs: number,
): readonly AskedProbe[] {
  return [...asked.values()]
    .filter(({ ready, underWay, lastMs }) => ready && !underWay && nowMs - lastMs >= intervalMs)
    .sort((a, b) => a.lastMs - b.lastMs);
}
