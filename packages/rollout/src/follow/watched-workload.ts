import {
  feedObjects,
  revisionListOf,
  workloadOf,
  workloadPath,
  type KubeClient,
  type KubeError,
  type KubeObject,
  type MadeWorkload,
  type ObjectFeed,
  type RevisionList,
  type Workload,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import type { WatchedList } from './list-confirmation.ts';

/** What is known of a workload at one time; a new object with each change. */
export interface KnownWorkload {
  /** Undefined when it is not there. */
  workload: Workload | undefined;
}

/** A workload with all that tells its revisions, kept by watches. */
export interface WatchedWorkload {
  /** As it is now; undefined while changes may go unseen. Throws what ended the watch, if no refusal did. */
  known(): KnownWorkload | undefined;
  /** Why it may not be watched, and since when; undefined while it may. */
  refusal(): { error: KubeError; atMs: number } | undefined;
  /** The watch of what tells its revisions, where its own object does not; undefined before there is one. */
  revisions(): { key: object; list: WatchedList } | undefined;
  /** Lists anew: what was told before is not trusted any more. */
  restart(): void;
  stop(): Promise<void>;
}

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** The objects that tell the revisions, where the workload says they are. */
interface Revisions {
  list: RevisionList;
  feed: ObjectFeed<KubeObject>;
}

const isSame = (a: RevisionList, b: RevisionList): boolean =>
  a.path === b.path && a.query.labelSelector === b.query.labelSelector;

/**
 * Watches `ref` until stopped or the signal aborts; `onChange` is called with each state that it goes through, in
 * order, and with undefined when sight of it is lost.
 */
export function watchWorkload(
  ports: Ports,
  ref: MadeWorkload,
  onChange: (known: KnownWorkload | undefined) => void,
): WatchedWorkload {
  const { kind, namespace, name } = ref;
  const ended: Promise<void>[] = [];
  let revisions: Revisions | undefined;
  let last: KnownWorkload | undefined;
  let failure: { error: unknown } | undefined;

  /** The objects that tell the revisions of `own`; another list is another watch. */
  const revisionsOf = (own: KubeObject): readonly KubeObject[] | undefined => {
    const list = revisionListOf(ref, own);
    if (list === undefined) return [];
    if (revisions === undefined || !isSame(revisions.list, list)) {
      if (revisions !== undefined) ended.push(revisions.feed.stop());
      revisions = { list, feed: feedObjects(ports, list.path, list.query, tell) };
    }
    return revisions.feed.objects();
  };
  const now = (): KnownWorkload | undefined => {
    const objects = owns.objects();
    if (objects === undefined) return undefined;
    const own = objects.find(({ metadata }) => metadata?.name === name);
    if (own === undefined) return { workload: undefined };
    const telling = revisionsOf(own);
    return telling === undefined ? undefined : { workload: workloadOf(ref, own, telling) };
  };
  function tell(): void {
    const before = last;
    try {
      last = now();
    } catch (error) {
      failure ??= { error };
      last = undefined;
    }
    if (before !== undefined || last !== undefined) onChange(last);
  }
  const owns: ObjectFeed<KubeObject> = feedObjects(
    ports,
    workloadPath({ kind, namespace }),
    { fieldSelector: `metadata.name=${name}` },
    tell,
  );
  return {
    known: () => {
      if (failure !== undefined) throw failure.error;
      return last;
    },
    refusal: () => owns.refusal() ?? revisions?.feed.refusal(),
    revisions: () => {
      if (revisions === undefined) return undefined;
      const { list, feed } = revisions;
      return { key: feed, list: { ...list, told: () => feed.objects() } };
    },
    restart: () => {
      owns.restart();
      revisions?.feed.restart();
    },
    stop: async () => {
      await Promise.all([owns.stop(), revisions?.feed.stop(), ...ended]);
    },
  };
}
