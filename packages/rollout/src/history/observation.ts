import type { Change, CrashHint, KubeEvent, MissingThing, Pod, Workload } from '@slipway/kube';

/** An object that says that another one will be made: a Certificate, an ExternalSecret. */
export interface Maker {
  makes: Pick<MissingThing, 'kind' | 'name'>;
  /** `certificate/tls`. */
  object: string;
  /** Why it has not made it yet, by its own words; absent when it says nothing. */
  says?: string;
}

/**
 * One thing that was seen of a rollout, at `atMs` (milliseconds since 1970 by this machine's clock). Plain
 * JSON: a list of them is a recording, and what is true of a rollout follows from its recording alone.
 */
export type Observation =
  /** The workload was read; undefined when it was not there. */
  | { kind: 'workload'; atMs: number; workload: Workload | undefined }
  | { kind: 'pod'; atMs: number; change: PodChange; pod: Pod }
  /** Events of what does not serve, newest first; they replace those known. */
  | { kind: 'events'; atMs: number; events: readonly KubeEvent[] }
  /** Who makes what is missing, as far as that may be read; `unread` are kinds that may not. */
  | { kind: 'makers'; atMs: number; makers: readonly Maker[]; unread: readonly string[] }
  /** What a container printed before its end comes to; the text itself is never kept. */
  | {
      kind: 'output';
      atMs: number;
      podUid: string;
      container: string;
      says: CrashHint | 'unclear';
    };

/** What a watch says of a pod. */
export type PodChange = Exclude<Change<Pod>['type'], 'SYNC' | 'LOST'>;
