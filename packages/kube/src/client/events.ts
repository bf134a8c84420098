import { KubeError } from './kube-error.ts';
import type { KubeClient } from './kube-client.ts';
import type { CoreEvent, SeriesEvent } from './objects.ts';

/** An event of either API (core/v1 and events.k8s.io/v1 show the same ones) in one form. */
export interface KubeEvent {
  type: string;
  reason: string;
  message: string;
  count: number;
  /** Milliseconds since 1970 of its latest occurrence. */
  lastMs: number;
  object: { kind: string; name: string; uid: string; fieldPath?: string };
}

const time = (...texts: (string | null | undefined)[]): number =>
  Date.parse(texts.find((text) => text !== undefined && text !== null && text !== '') ?? '') || 0;

/** An event of core/v1 in the one form. */
export function fromCore(event: CoreEvent): KubeEvent {
  const { involvedObject: about } = event;
  return {
    type: event.type ?? '',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: event.series?.count ?? event.count ?? 1,
    lastMs: time(
      event.series?.lastObservedTime,
      event.lastTimestamp,
      event.eventTime,
      event.metadata.creationTimestamp,
    ),
    object: {
      kind: about.kind ?? '',
      name: about.name ?? '',
      uid: about.uid ?? '',
      ...(about.fieldPath === undefined ? {} : { fieldPath: about.fieldPath }),
    },
  };
}

function fromSeries(event: SeriesEvent): KubeEvent {
  return {
    type: event.type ?? '',
    reason: event.reason ?? '',
    message: event.note ?? '',
    count: event.series?.count ?? event.deprecatedCount ?? 1,
    lastMs: time(
      event.series?.lastObservedTime,
      event.deprecatedLastTimestamp,
      event.eventTime,
      event.metadata?.creationTimestamp,
    ),
    object: {
      kind: event.regarding?.kind ?? '',
      name: event.regarding?.name ?? '',
      uid: event.regarding?.uid ?? '',
      ...(event.regarding?.fieldPath === undefined ? {} : { fieldPath: event.regarding.fieldPath }),
    },
  };
}

/**
 * The namespace's events about the objects with these uids, newest first. Falls back to
 * events.k8s.io where only that API may be read. Events are best effort and live an hour: evidence,
 * never proof of absence.
 */
export async function readEvents(
  client: KubeClient,
  namespace: string,
  uids: ReadonlySet<string>,
): Promise<KubeEvent[]> {
  const within = `namespaces/${encodeURIComponent(namespace)}/events`;
  let events: KubeEvent[];
  try {
    events = (await client.list<CoreEvent>(`/api/v1/${within}`)).map(fromCore);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    const series = await client.list<SeriesEvent>(`/apis/events.k8s.io/v1/${within}`);
    events = series.map(fromSeries);
  }
  return events.filter((event) => uids.has(event.object.uid)).sort((a, b) => b.lastMs - a.lastMs);
}
