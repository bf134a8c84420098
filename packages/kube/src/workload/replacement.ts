import type { DaemonSet, StatefulSet } from '../client/index.ts';

/**
 * How a controller replaces pods of earlier revisions that are not ready, where it leaves that to others.
 * `RollingUpdate`: a stateful set waits for each of its pods in turn and so for one that never becomes
 * ready (kubernetes.io, StatefulSets, "Forced rollback"). `OnDelete`: whoever deletes them decides.
 */
export interface Replacement {
  strategy: 'RollingUpdate' | 'OnDelete';
  /** Pods with a lower ordinal keep their revision. */
  partition: number;
}

const seen = ({ metadata, status }: StatefulSet | DaemonSet): boolean =>
  (metadata?.generation ?? 0) <= (status?.observedGeneration ?? 0);

/** Of a stateful set; nothing until its controller has seen the spec of now. */
export function statefulSetReplacement(set: StatefulSet): { replacement?: Replacement } {
  if (!seen(set)) return {};
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  const strategy = type === 'OnDelete' ? 'OnDelete' : 'RollingUpdate';
  // Its controller does not wait for pods in their order, and replaces such a one itself.
  if (strategy === 'RollingUpdate' && set.spec?.podManagementPolicy === 'Parallel') return {};
  return { replacement: { strategy, partition: rollingUpdate?.partition ?? 0 } };
}

/** Of a daemon set, whose controller replaces pods that are not ready first: only OnDelete leaves them. */
export function daemonSetReplacement(set: DaemonSet): { replacement?: Replacement } {
  if (!seen(set) || set.spec?.updateStrategy?.type !== 'OnDelete') return {};
  return { replacement: { strategy: 'OnDelete', partition: 0 } };
}
