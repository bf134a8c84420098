import {
  feedObjects,
  type EndpointSlice,
  type KubeClient,
  type ObjectFeed,
  type Service,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';

/** The label of EndpointSlices that names their Service. */
export const serviceName = 'kubernetes.io/service-name';

/** Reads Services and their EndpointSlices. Throws KubeError. */
export interface ServiceReader {
  /** All of the namespace, as they were half a minute ago at the earliest. */
  services(): Promise<readonly Service[]>;
  /** Those of the Services `names`, as they are now. */
  slices(names: readonly string[]): Promise<readonly EndpointSlice[]>;
  /** Whether the slices are watched, so that reading them costs nothing. */
  isWatching(): boolean;
  stop(): Promise<void>;
}

const servicesEveryMs = 30_000;
/** A watch that is silent may be one whose connection has died: what is watched is listed this often, too. */
const listedEveryMs = 15_000;

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

function versionsOf(slices: readonly EndpointSlice[]): string {
  return slices
    .map(({ metadata }) => `${metadata?.uid ?? ''} ${metadata?.resourceVersion ?? ''}`)
    .sort()
    .join();
}

/** A watch of the EndpointSlices of some Services. */
interface Watched {
  labelSelector: string;
  feed: ObjectFeed<EndpointSlice>;
  listedMs: number;
}

/** A reader for one namespace; `onChange` is called when slices that are watched change. */
export function createServiceReader(
  ports: Ports,
  namespace: string,
  onChange: () => void,
): ServiceReader {
  const { client, clock, log } = ports;
  const within = `namespaces/${encodeURIComponent(namespace)}`;
  let known: readonly Service[] = [];
  let knownMs = -Infinity;
  let watched: Watched | undefined;
  let saidRefusal = false;

  const watch = (labelSelector: string): Watched => {
    if (watched?.labelSelector === labelSelector) return watched;
    void watched?.feed.stop();
    const path = `/apis/discovery.k8s.io/v1/${within}/endpointslices`;
    const feed = feedObjects<EndpointSlice>(ports, path, { labelSelector }, onChange);
    watched = { labelSelector, feed, listedMs: -Infinity };
    return watched;
  };
  const list = async ({ labelSelector, feed }: Watched): Promise<readonly EndpointSlice[]> => {
    const path = `/apis/discovery.k8s.io/v1/${within}/endpointslices`;
    const listed = await client.list<EndpointSlice>(path, { labelSelector });
    const fed = feed.objects();
    if (fed !== undefined && versionsOf(fed) !== versionsOf(listed)) feed.restart();
    return listed;
  };

  return {
    services: async () => {
      if (clock.now() - knownMs < servicesEveryMs) return known;
      known = await client.list<Service>(`/api/v1/${within}/services`);
      knownMs = clock.now();
      return known;
    },
    slices: async (names) => {
      if (names.length === 0) return [];
      const one = watch(`${serviceName} in (${names.join(',')})`);
      const refusal = one.feed.refusal();
      if (refusal !== undefined && !saidRefusal)
        log.info(
          `EndpointSlices may not be watched, so they are read now and then: ${refusal.error.message}`,
        );
      saidRefusal ||= refusal !== undefined;
      const fed = one.feed.objects();
      if (fed !== undefined && clock.now() - one.listedMs < listedEveryMs) return fed;
      const listed = await list(one);
      one.listedMs = clock.now();
      return listed;
    },
    isWatching: () => watched?.feed.objects() !== undefined,
    stop: async () => {
      await watched?.feed.stop();
    },
  };
}
