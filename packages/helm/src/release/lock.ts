import { KubeError, type KubeClient } from '@slipway/kube';
import { ActionError, errorMessage, formatDuration, type Clock, type Log } from '@slipway/runtime';

/** How long a lease lasts without a sign of life, and how often one is given. */
const leaseMs = 20_000;
const renewMs = 5_000;
/** Clocks of runners and clusters may differ by this much before a lease is misjudged by its date. */
const skewMs = 60_000;

interface Lease {
  metadata: {
    name: string;
    resourceVersion: string;
    annotations?: Readonly<Record<string, string>>;
  };
  spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number };
}

/** The lock of one release, held. */
export interface ReleaseLock {
  /** False when the cluster does not let this user keep leases: then nobody is kept out. */
  held: boolean;
  /** The holder before us that never let go: its work may be half done. */
  deadHolder: string | undefined;
  /** Aborts when somebody else took the lock (this process slept for too long). */
  lost: AbortSignal;
  release(): Promise<void>;
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

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function isReason(error: unknown, ...reasons: string[]): boolean {
  return error instanceof KubeError && reasons.includes(error.reason);
}

function leaseBody(request: LockRequest, nowMs: number): Readonly<Record<string, unknown>> {
  return {
    holderIdentity: request.owner,
    leaseDurationSeconds: leaseMs / 1000,
    acquireTime: microTime(nowMs),
    renewTime: microTime(nowMs),
  };
}

/**
 * Waits until the lease in `seen` is free to take: its holder is us, let go, has shown no sign of life
 * while we watched for its whole duration, or dates from so long ago that no clock skew explains it.
 */
async function awaitDeath(
  request: LockRequest,
  path: string,
  first: Lease,
): Promise<Lease | undefined> {
  const { kube, clock, log, signal } = request;
  const started = clock.now();
  let seen = first;
  let seenAt = started;
  let told = '';
  for (;;) {
    const holder = seen.spec?.holderIdentity ?? '';
    const durationMs = (seen.spec?.leaseDurationSeconds ?? leaseMs / 1000) * 1000;
    const renewed = Date.parse(seen.spec?.renewTime ?? '');
    const ageMs = Number.isNaN(renewed) ? Number.POSITIVE_INFINITY : clock.now() - renewed;
    if (holder === '' || holder === request.owner) return seen;
    if (ageMs > durationMs + skewMs || clock.now() - seenAt > durationMs) return seen;
    if (clock.now() - started > request.timeoutMs)
      throw new ActionError(
        `The release ${request.release} in ${request.namespace} is being worked on by ${holder}, which ` +
          `is alive; it was waited for ${formatDuration(clock.now() - started)}.`,
        {
          title: 'Another job holds the release',
          next: 'Let that job end, or give both workflows the same `concurrency` group.',
        },
      );
    if (told !== holder) {
      log.info(`Waiting for ${holder}, which is working on this release`);
      told = holder;
    }
    await clock.sleep(Math.min(1_000, request.timeoutMs), signal);
    try {
      const now = await kube.get<Lease>(path);
      if (now.metadata.resourceVersion !== seen.metadata.resourceVersion) seenAt = clock.now();
      seen = now;
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}

/**
 * Takes the lock of a release: a Lease `slipway-<release>` in its namespace, renewed every 5 s, that
 * counts as abandoned after 20 s without renewal. A live holder is waited for. Throws ActionError when
 * that takes longer than `timeoutMs`. Without the right to keep leases a warning is given and the work
 * goes on unlocked.
 */
export async function lockRelease(request: LockRequest): Promise<ReleaseLock> {
  const { kube, clock, log, signal, release, namespace, owner } = request;
  const base = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const name = `slipway-${release}`;
  const path = `${base}/${encodeURIComponent(name)}`;
  const lost = new AbortController();
  let deadHolder: string | undefined;
  let current: Lease | undefined;
  let unreachable = 0;
  while (current === undefined) {
    signal.throwIfAborted();
    try {
      current = await kube.create<Lease>(base, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'slipway' } },
        spec: leaseBody(request, clock.now()),
      });
    } catch (error) {
      if (isReason(error, 'Forbidden')) {
        log.warning(
          `The release is not locked against other jobs: ${errorMessage(error)} ` +
            '(grant get, create, patch and delete on leases in coordination.k8s.io).',
          { title: 'No lock' },
        );
        return {
          held: false,
          deadHolder: undefined,
          lost: lost.signal,
          release: () => Promise.resolve(),
        };
      }
      if (isReason(error, 'Unreachable') && (unreachable += 1) < 3) {
        await clock.sleep(1_000, signal);
        continue;
      }
      if (!isReason(error, 'AlreadyExists')) throw error;
      current = await takeOver();
    }
  }

  async function takeOver(): Promise<Lease | undefined> {
    try {
      const free = await awaitDeath(request, path, await kube.get<Lease>(path));
      if (free === undefined) return undefined;
      const holder = free.spec?.holderIdentity ?? '';
      const taken = await kube.patch<Lease>(path, {
        metadata: { resourceVersion: free.metadata.resourceVersion },
        spec: leaseBody(request, clock.now()),
      });
      if (holder !== '') deadHolder = holder;
      if (holder !== '' && holder !== owner)
        log.info(`${holder} held this release and gives no sign of life; taking over`);
      return taken;
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return undefined;
      throw error;
    }
  }

  let lease: Lease = current;
  let stopped = false;
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(async () => {
      if (stopped) return;
      try {
        lease = await kube.patch<Lease>(path, {
          metadata: { resourceVersion: lease.metadata.resourceVersion },
          spec: { renewTime: microTime(clock.now()) },
        });
      } catch (error) {
        if (isReason(error, 'Conflict', 'NotFound')) {
          const holder = (await kube.get<Lease>(path).catch(() => undefined))?.spec?.holderIdentity;
          if (holder === owner) return;
          lost.abort(
            new ActionError(
              `${holder ?? 'Somebody'} took over the release ${release} while this job worked on it.`,
              { next: 'This runner stood still for over 20 s; run the job again.' },
            ),
          );
        } else log.debug(`The lease could not be renewed: ${errorMessage(error)}`);
      }
    });
  }, renewMs);
  timer.unref();
  return {
    held: true,
    deadHolder,
    lost: lost.signal,
    release: async () => {
      stopped = true;
      clearInterval(timer);
      await renewing;
      try {
        const now = await kube.get<Lease>(path);
        if (now.spec?.holderIdentity === owner) await kube.delete(path);
      } catch (error) {
        log.debug(`The lease ${name} could not be removed: ${errorMessage(error)}`);
      }
    },
  };
}
