import type { Change, KubeEvent, Pod, Workload } from '@slipway/kube';

/**
 * One thing that was seen of a rollout, at `atMs` (milliseconds since 1970 by this machine's clock). Plain
 * JSON: a list of them is a recording, and what is true of a rollout follows from its recording alone.
 */
export type Observation =
  /** The workload was read; undefined when it was not there. */
  | { kind: 'workload'; atMs: number; workload: Workload | undefined }
  | { kind: 'pod'; atMs: number; change: PodChange; pod: Pod }
  /** Events of what does not serve, newest first; they replace those known. */
  | { kind: 'events'; atMs: number; events: readonly KubeEvent[] };

/** What a watch says of a pod. */
export type PodChange = Exclude<Change<Pod>['type'], 'SYNC' | 'LOST'>;
