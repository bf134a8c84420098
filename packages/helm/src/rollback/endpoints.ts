import { KubeError, type EndpointSlice, type KubeClient, type Pod } from '@slipway/kube';
import { count } from '@slipway/runtime';
import type { ManifestObject } from '../release/index.ts';
import type { RunningPods } from './running-pods.ts';

const serviceName = 'kubernetes.io/service-name';

/** A Service of the release that sends requests to pods by their labels. */
export interface SelectingService {
  name: string;
  namespace: string;
  selector: Readonly<Record<string, unknown>>;
}

/** The Services of a manifest that select pods. */
export function selectingServices(
  objects: readonly ManifestObject[],
  namespace: string,
): readonly SelectingService[] {
  return objects.flatMap(({ kind, apiVersion, metadata, spec }): SelectingService[] => {
    const selector = (spec?.['selector'] ?? {}) as SelectingService['selector'];
    const isSelecting = Object.keys(selector).length > 0 && spec?.['type'] !== 'ExternalName';
    if (kind !== 'Service' || apiVersion !== 'v1' || !isSelecting) return [];
    return [{ name: metadata.name, namespace: metadata.namespace ?? namespace, selector }];
  });
}

function selects({ selector, namespace }: SelectingService, { metadata }: Pod): boolean {
  return (
    metadata?.namespace === namespace &&
    Object.entries(selector).every(([name, value]) => metadata.labels?.[name] === value)
  );
}

/** Uids of what a Service sends requests to. */
async function readyEndpoints(
  kube: KubeClient,
  { name, namespace }: SelectingService,
): Promise<ReadonlySet<string>> {
  const slices = await kube.list<EndpointSlice>(
    `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`,
    { labelSelector: `${serviceName}=${name}` },
  );
  // An empty list is written as null.
  const endpoints = slices.flatMap(
    (slice) => (slice.endpoints as typeof slice.endpoints | null) ?? [],
  );
  return new Set(
    endpoints.flatMap(({ conditions, targetRef }) =>
      conditions?.ready === false || targetRef?.uid === undefined ? [] : [targetRef.uid],
    ),
  );
}

/** What one look says against a claim. */
export interface Look {
  doubts: readonly string[];
  /** Whether another look in a moment would say the same. */
  isFinal?: boolean;
}

/** What the right to read EndpointSlices is missing for, in words. */
function unread({ name }: SelectingService, error: unknown): string {
  if (!(error instanceof KubeError) || error.status !== 403) throw error;
  return (
    `service/${name}: whether it sends requests to the pods cannot be told: ${error.message} ` +
    '(grant list on endpointslices.discovery.k8s.io, as docs/cluster-access/helm-atomic-upgrade.yaml does)'
  );
}

/**
 * What speaks against the claim that every pod that is ready gets the requests of the Services that select
 * it. Without the right to read EndpointSlices that cannot be told, which is a doubt that stays. Throws
 * KubeError.
 */
export async function doubtsOfServing(
  kube: KubeClient,
  services: readonly SelectingService[],
  running: readonly RunningPods[],
): Promise<Look> {
  const pods = running.flatMap(({ serving }) => serving);
  const looks = services.map(async (service): Promise<Look> => {
    const selected = pods.filter((pod) => selects(service, pod));
    if (selected.length === 0) return { doubts: [] };
    try {
      const ready = await readyEndpoints(kube, service);
      const missing = selected.filter(({ metadata }) => !ready.has(metadata?.uid ?? ''));
      const [first] = missing;
      if (first === undefined) return { doubts: [] };
      const of = `${missing.length} of ${count(selected.length, 'ready pod')}`;
      const doubt =
        `service/${service.name} sends no requests to ${of}: pod/${first.metadata?.name ?? ''} is ` +
        'not among the ready ones of its EndpointSlices';
      return { doubts: [doubt] };
    } catch (error) {
      return { doubts: [unread(service, error)], isFinal: true };
    }
  });
  const all = await Promise.all(looks);
  const final = all.filter(({ isFinal }) => isFinal);
  return final.length > 0
    ? { doubts: final.flatMap(({ doubts }) => doubts), isFinal: true }
    : { doubts: all.flatMap(({ doubts }) => doubts) };
}
