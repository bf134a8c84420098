import { errorMessage } from '@slipway/runtime';
import { isReason, leaseFile, type Lease, type LeaseFile, type LockRequest } from './lease.ts';
import { keepLease } from './lease-renewal.ts';
import { takeLease, type TakenLease } from './lease-taking.ts';

export type { LockRequest } from './lease.ts';

/** The lock of one release, held. */
export interface ReleaseLock {
  /** False when the cluster does not let this user keep leases: then nobody is kept out. */
  held: boolean;
  /** The holder before us that never let go: its work may be half done. */
  deadHolder: string | undefined;
  /**
   * Aborts with an ActionError when somebody else holds the lock, or when it could not be renewed for
   * its whole duration, so that somebody may. Failures that pass, lost answers and strangers who write
   * into the lease are no loss.
   */
  lost: AbortSignal;
  /** Who holds the lock instead of us, once that is known. */
  takenBy: () => string | undefined;
  release: () => Promise<void>;
}

function unlocked(): ReleaseLock {
  return {
    held: false,
    deadHolder: undefined,
    lost: new AbortController().signal,
    takenBy: () => undefined,
    release: () => Promise.resolve(),
  };
}

/** Takes our lease away. As it was last known, in one request; anew from what is there when it is not that. */
async function letGo(request: LockRequest, file: LeaseFile, known: Lease): Promise<void> {
  try {
    await file.remove(known);
  } catch (error) {
    if (!isReason(error, 'Conflict')) throw error;
    const now = await file.read();
    if (now.spec?.holderIdentity === request.owner) await file.remove(now);
  }
}

/**
 * Takes the lock of a release: a Lease `slipway-<release>` in its namespace, renewed every 5 s, that
 * counts as abandoned after 20 s without renewal. A live holder is waited for. Throws ActionError when
 * that takes longer than `timeoutMs`. Without the right to keep leases a warning is given and the work
 * goes on unlocked.
 */
export async function lockRelease(request: LockRequest): Promise<ReleaseLock> {
  const file = leaseFile(request);
  let taken: TakenLease;
  try {
    taken = await takeLease(request, file);
  } catch (error) {
    if (!isReason(error, 'Forbidden')) throw error;
    request.log.warning(
      `The release is not locked against other jobs: ${errorMessage(error)} ` +
        '(grant get, create, patch and delete on leases in coordination.k8s.io).',
      { title: 'No lock' },
    );
    return unlocked();
  }
  const kept = keepLease(request, file, taken.lease);
  return {
    held: true,
    deadHolder: taken.deadHolder,
    lost: kept.lost,
    takenBy: kept.takenBy,
    release: async () => {
      const known = await kept.stop();
      await letGo(request, file, known).catch((error: unknown) =>
        request.log.debug(
          `The lease of ${request.release} could not be removed: ${errorMessage(error)}`,
        ),
      );
    },
  };
}
