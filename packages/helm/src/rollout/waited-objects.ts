import { KubeError, readEvents, type Cause, type KubeClient, type Service } from '@slipway/kube';
import { parseManifest } from '../release/index.ts';

/** Objects without pods that Helm waits for: claims that are to be bound, balancers that are to get an address. */
export interface WaitedObjects {
  claims: readonly Named[];
  balancers: readonly Named[];
}

interface Named {
  name: string;
  namespace: string;
}

interface Claim {
  metadata: { name: string; namespace: string; uid: string };
  status?: { phase?: string };
}

/** Those of a manifest. */
export function waitedObjects(manifest: string, namespace: string): WaitedObjects {
  const objects = parseManifest(manifest).filter(({ apiVersion }) => apiVersion === 'v1');
  const named = (kind: string, isWaited: (spec: unknown) => boolean): readonly Named[] =>
    objects
      .filter((object) => object.kind === kind && isWaited(object.spec))
      .map(({ metadata }) => ({
        name: metadata.name,
        namespace: metadata.namespace ?? namespace,
      }));
  return {
    claims: named('PersistentVolumeClaim', () => true),
    // Helm takes external addresses for enough (pkg/kube, serviceReady).
    balancers: named('Service', (spec) => {
      const { type, externalIPs } = (spec ?? {}) as { type?: unknown; externalIPs?: unknown[] };
      return type === 'LoadBalancer' && (externalIPs ?? []).length === 0;
    }),
  };
}

/** What an object waits for, by the newest event that says more than that it does. */
async function waitingCause(
  kube: KubeClient,
  { namespace, uid }: { namespace: string; uid: string },
  usual: Cause,
): Promise<Cause> {
  const events = await readEvents(kube, namespace, new Set([uid])).catch(() => []);
  const said = events.find(({ type }) => type === 'Warning') ?? events[0];
  if (said === undefined) return usual;
  return { ...usual, reason: said.reason, message: `${usual.message}: ${said.message.trim()}` };
}

/** Why claims of a namespace that `isWaited` are not bound. */
async function unboundClaims(
  kube: KubeClient,
  namespace: string,
  isWaited: (name: string) => boolean,
): Promise<readonly Cause[]> {
  const claims = await kube.list<Claim>(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/persistentvolumeclaims`,
  );
  const unbound = claims.filter(
    ({ metadata, status }) => status?.phase !== 'Bound' && isWaited(metadata.name),
  );
  return await Promise.all(
    unbound.slice(0, 3).map(({ metadata }) =>
      waitingCause(kube, metadata, {
        reason: 'Unbound',
        object: `persistentvolumeclaim/${metadata.name}`,
        message: 'it is not bound to a volume',
        recovery: 'possible',
      }),
    ),
  );
}

async function withoutAddress(kube: KubeClient, named: Named): Promise<Cause | undefined> {
  const { name, namespace } = named;
  const service = await kube.get<Service>(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`,
  );
  if ((service.status?.loadBalancer?.ingress ?? []).length > 0) return undefined;
  const { uid = '' } = service.metadata ?? {};
  return await waitingCause(
    kube,
    { namespace, uid },
    {
      reason: 'NoAddress',
      object: `service/${name}`,
      message: 'it is of type LoadBalancer, and no load balancer has given it an address',
      recovery: 'possible',
    },
  );
}

const orNothing =
  <T>(nothing: T) =>
  (error: unknown): T => {
    if (!(error instanceof KubeError)) throw error;
    return nothing;
  };

/** What of `waited` is not as Helm waits for it; the first that is not. What may not be read says nothing. */
export async function firstUnfit(
  kube: KubeClient,
  { claims, balancers }: WaitedObjects,
): Promise<Cause | undefined> {
  for (const [namespace, ours] of Map.groupBy(claims, (claim) => claim.namespace)) {
    const names = new Set(ours.map(({ name }) => name));
    const isWaited = (name: string): boolean => names.has(name);
    const [first] = await unboundClaims(kube, namespace, isWaited).catch(orNothing([]));
    if (first !== undefined) return first;
  }
  for (const balancer of balancers) {
    const cause = await withoutAddress(kube, balancer).catch(orNothing(undefined));
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** A cause of the scheduler that blames a claim, with why that is not bound. */
export async function withUnboundClaim(
  kube: KubeClient,
  namespace: string,
  cause: Cause,
): Promise<Cause> {
  if (cause.reason !== 'Unschedulable' || !/persistentvolumeclaim/i.test(cause.message))
    return cause;
  const pod = cause.object.replace(/^pod\//, '');
  // A stateful set makes claims that are named after its pods; the others are named in the message, or alone.
  const all = await unboundClaims(kube, namespace, () => true).catch(orNothing([]));
  const own = all.find(({ object }) => object.endsWith(`-${pod}`)) ?? all[0];
  if (own === undefined) return cause;
  return { ...cause, message: `${cause.message}; ${own.object}: ${own.reason}: ${own.message}` };
}
