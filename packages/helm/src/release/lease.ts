import { KubeError, type KubeClient } from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';

/** How long a lease lasts without a sign of life. */
export const leaseMs = 20_000;

/** The lock of a release as the cluster keeps it. */
export interface Lease {
  metadata: { name: string; uid: string; resourceVersion: string };
  spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number };
}

/** What taking a lock needs. `owner` is this job: the same owner may take the lock again at once. */
export interface LockRequest {
  kube: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  release: string;
  namespace: string;
  owner: string;
  /** How long to wait for a live holder. */
  timeoutMs: number;
}

/** The lease of one release, as the job `owner` reads and writes it. Every method throws KubeError. */
export interface LeaseFile {
  read(): Promise<Lease>;
  /** Makes it with us as its holder. */
  make(): Promise<Lease>;
  /** Takes it over from the state that was read; a Conflict when it is no longer that. */
  take(from: Lease): Promise<Lease>;
  /** Gives a sign of life, from the state that was read. */
  renew(from: Lease): Promise<Lease>;
  /** Takes it away in the state that was read; a Conflict when it is no longer that. */
  remove(from: Lease): Promise<void>;
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/** The Lease `slipway-<release>` in the release's namespace. */
export function leaseFile(request: LockRequest): LeaseFile {
  const { kube, clock, release, namespace, owner } = request;
  const base = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const name = `slipway-${release}`;
  const path = `${base}/${encodeURIComponent(name)}`;
  const taken = (): object => {
    const now = microTime(clock.now());
    const leaseDurationSeconds = leaseMs / 1000;
    return { holderIdentity: owner, leaseDurationSeconds, acquireTime: now, renewTime: now };
  };
  const write = (from: Lease, spec: object): Promise<Lease> => {
    const { resourceVersion } = from.metadata;
    return kube.patch<Lease>(path, { metadata: { resourceVersion }, spec });
  };
  return {
    read: () => kube.get<Lease>(path),
    make: () =>
      kube.create<Lease>(base, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'slipway' } },
        spec: taken(),
      }),
    take: (from) => write(from, taken()),
    renew: (from) => write(from, { holderIdentity: owner, renewTime: microTime(clock.now()) }),
    remove: ({ metadata: { uid, resourceVersion } }) =>
      kube.delete(path, {}, { uid, resourceVersion }),
  };
}

/** Whether the API server refused with one of these reasons. */
export function isReason(error: unknown, ...reasons: string[]): boolean {
  return error instanceof KubeError && reasons.includes(error.reason);
}

/** Whether a request may well succeed a moment later: no answer, or one of a server in trouble. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  if (error.status === 0) return error.reason === 'Unreachable' || error.reason === 'Timeout';
  return error.status === 429 || error.status >= 500;
}
