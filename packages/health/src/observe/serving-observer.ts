import {
  isReady,
  KubeError,
  type EndpointSlice,
  type KubeClient,
  type Pod,
  type Service,
  type WorkloadRef,
} from '@slipway/kube';
import type { RolloutTruth } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import {
  fillsWithinMs,
  type ServingEvidence,
  type ServingService,
  type Unserved,
} from '../findings/index.ts';
import { createServiceReader, serviceName } from './service-reader.ts';

/** Reads whether Services send requests to the new pods; remembers earlier readings. */
export interface ServingObserver {
  /** Reads anew when it is time. `earlier` are the pods of earlier revisions that are known. */
  look(truth: RolloutTruth, earlier: readonly Pod[]): Promise<void>;
  /** Undefined while nothing was read, or may not be. */
  evidence(): ServingEvidence | undefined;
  stop(): Promise<void>;
}

/** How often EndpointSlices are read that are not watched. */
const everyMs = 5_000;

type Selector = Readonly<Record<string, string>>;

function matches(selector: Selector, pod: Pod): boolean {
  const labels = pod.metadata?.labels ?? {};
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

const nameOf = ({ metadata }: { metadata?: { name?: string } }): string => metadata?.name ?? '';

/** By this label Argo Rollouts points its Services at the pods of one revision, as it sees fit. */
const ofArgo = 'rollouts-pod-template-hash';

/** The Services that are about the new pods. One without a selector has endpoints of somebody else. */
export function servicesOf(
  ref: WorkloadRef,
  services: readonly Service[],
  pods: { current: readonly Pod[]; earlier: readonly Pod[] },
): readonly ServingService[] {
  const related = services.flatMap((service): ServingService[] => {
    const selector = service.spec?.selector ?? {};
    const pairs = Object.entries(selector).map(([name, value]) => `${name}=${value}`);
    const isOthers = service.spec?.type === 'ExternalName' || ofArgo in selector;
    if (pairs.length === 0 || isOthers) return [];
    const told = { name: nameOf(service), selector: pairs.join(',') };
    if (pods.current.some((pod) => matches(selector, pod)))
      return [{ ...told, relation: 'selects' }];
    if (pods.earlier.some((pod) => matches(selector, pod))) return [{ ...told, relation: 'lost' }];
    return told.name === ref.name ? [{ ...told, relation: 'namesake' }] : [];
  });
  const selected = related.some(({ relation }) => relation === 'selects');
  return related.filter(({ relation }) => relation !== 'namesake' || !selected);
}

/** Without a namesake that has endpoints after all: pods of another workload are behind it. */
function withoutOthers(services: readonly ServingService[], slices: readonly EndpointSlice[]) {
  const filled = new Set(
    slices
      .filter((slice) => endpointsOf(slice).length > 0)
      .map(({ metadata }) => metadata?.labels?.[serviceName]),
  );
  return services.filter(({ name, relation }) => relation !== 'namesake' || !filled.has(name));
}

/** An empty list is written as null. */
const endpointsOf = ({ endpoints }: EndpointSlice) =>
  (endpoints as NonNullable<EndpointSlice['endpoints']> | null | undefined) ?? [];

interface Reading {
  services: readonly Service[];
  slices: readonly EndpointSlice[];
}

/** Why a ready pod gets no requests through a Service; undefined when it does. */
function unservedBecause(reading: Reading, service: ServingService, pod: Pod): string | undefined {
  const slices = reading.slices.filter(
    ({ metadata }) => metadata?.labels?.[serviceName] === service.name,
  );
  const mine = slices.flatMap((slice) =>
    endpointsOf(slice)
      .filter(({ targetRef }) => targetRef?.uid === pod.metadata?.uid)
      .map(({ conditions }) => ({ slice, isReady: conditions?.ready !== false })),
  );
  if (mine.length === 0) return 'is in none of its EndpointSlices';
  if (!mine.some((one) => one.isReady)) return 'is there as not ready';
  const ports = reading.services.find((one) => nameOf(one) === service.name)?.spec?.ports ?? [];
  const open = mine.filter((one) => one.isReady).flatMap(({ slice }) => slice.ports ?? []);
  // A target port by a name that no container has leaves the slice without it.
  const lost = ports.find(({ name = '' }) => !open.some((port) => (port.name ?? '') === name));
  return lost === undefined
    ? undefined
    : `has no port for the target port ${String(lost.targetPort ?? lost.port)} of its port ${lost.name ?? lost.port}`;
}

/** The ready pods that a Service does not send requests to, with when that was seen first. */
function unservedOf(
  reading: Reading,
  service: ServingService,
  ready: readonly Pod[],
  known: { unserved: readonly Unserved[]; nowMs: number },
): Unserved[] {
  return ready.flatMap((pod) => {
    const why =
      service.relation === 'selects'
        ? unservedBecause(reading, service, pod)
        : 'has none of its labels';
    if (why === undefined) return [];
    const before = known.unserved.find(
      (one) => one.service === service.name && one.pod === nameOf(pod),
    );
    const sinceMs = before?.sinceMs ?? known.nowMs;
    return [{ service: service.name, pod: nameOf(pod), why, sinceMs }];
  });
}

/**
 * An observer of the Services of one workload's pods. A reading that is refused is no evidence. `onNews` is called when
 * their endpoints change.
 */
export function createServingObserver(
  ports: { client: KubeClient; clock: Clock; log: Log; signal: AbortSignal },
  ref: WorkloadRef,
  onNews: () => void,
): ServingObserver {
  const { clock } = ports;
  const reader = createServiceReader(ports, ref.namespace, onNews);
  let evidence: ServingEvidence | undefined;
  let readMs = -Infinity;

  const read = async (truth: RolloutTruth, earlier: readonly Pod[]): Promise<void> => {
    const current = truth.present.map(({ pod }) => pod);
    const services = await reader.services();
    const relatives = servicesOf(ref, services, { current, earlier });
    const needed = relatives.filter(({ relation }) => relation !== 'lost');
    const reading = { services, slices: await reader.slices(needed.map(({ name }) => name)) };
    const related = withoutOthers(relatives, reading.slices);
    const nowMs = clock.now();
    const known = { unserved: evidence?.unserved ?? [], nowMs };
    const ready = current.filter(isReady);
    // What was missing for no longer than it takes to be filled in broke nothing.
    const lasted = known.unserved.some(({ sinceMs }) => nowMs - sinceMs >= fillsWithinMs);
    evidence = {
      services: related,
      unserved: related.flatMap((service) => unservedOf(reading, service, ready, known)),
      wellSinceMs: evidence === undefined || lasted ? nowMs : evidence.wellSinceMs,
    };
  };

  return {
    look: async (truth, earlier) => {
      const isDue = clock.now() - readMs >= everyMs || reader.isWatching();
      if (!isDue || truth.serving === 0) return;
      readMs = clock.now();
      try {
        await read(truth, earlier);
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
      }
    },
    evidence: () => evidence,
    stop: () => reader.stop(),
  };
}
