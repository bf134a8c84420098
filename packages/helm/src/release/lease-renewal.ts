import { ActionError, errorMessage, formatDuration } from '@slipway/runtime';
import {
  isPassing,
  isReason,
  leaseMs,
  type Lease,
  type LeaseFile,
  type LockRequest,
} from './lease.ts';

/** How often a sign of life is given, and how often one that failed is tried again. */
const renewMs = 5_000;
const retryMs = 1_000;

/** A lease that is being renewed. */
export interface KeptLease {
  /** Aborts when somebody else holds the lease, or when it could not be renewed for its whole duration. */
  lost: AbortSignal;
  /** Who holds it instead of us; undefined while nobody does, or nobody knows. */
  takenBy: () => string | undefined;
  /** Gives no more signs of life; resolves when the last one has been answered, with the lease as last known. */
  stop(): Promise<Lease>;
}

/** What a renewal came to: the lease as it is now, or who has it instead of us. */
type Renewal = { lease: Lease } | { holder: string };

/**
 * Renews the lease from the state that is known; when that is stale, from the state that is there, as
 * long as nobody else holds it. A lease that is gone is made again.
 */
async function renew(file: LeaseFile, known: Lease, owner: string): Promise<Renewal> {
  try {
    return { lease: await file.renew(known) };
  } catch (error) {
    if (isReason(error, 'NotFound')) return { lease: await file.make() };
    if (!isReason(error, 'Conflict')) throw error;
  }
  const now = await file.read();
  const holder = now.spec?.holderIdentity ?? '';
  return holder === owner || holder === '' ? { lease: await file.renew(now) } : { holder };
}

function takenOver(request: LockRequest, holder: string): ActionError {
  return new ActionError(
    `${holder} took over the release ${request.release} while this job worked on it.`,
    {
      title: 'The lock was lost',
      next: `This runner stood still for over ${formatDuration(leaseMs)}; run the job again.`,
    },
  );
}

function unrenewed(request: LockRequest, error: unknown): ActionError {
  return new ActionError(
    `The lock of the release ${request.release} could not be renewed for ${formatDuration(leaseMs)}: ${errorMessage(error)}`,
    {
      title: 'The lock was lost',
      next: 'Another job may work on the release by now. Look whether the API server is well, and run the job again.',
      cause: error,
    },
  );
}

/** Renews `first` every 5 s by the clock until it is stopped or lost. */
export function keepLease(request: LockRequest, file: LeaseFile, first: Lease): KeptLease {
  const { clock, log, owner } = request;
  const lost = new AbortController();
  let lease = first;
  let renewedMs = Date.parse(first.spec?.renewTime ?? '') || clock.now();
  let running: Promise<void> | undefined;
  let takenBy: string | undefined;

  const giveUp = (reason: ActionError): void => {
    timer.stop();
    lost.abort(reason);
  };
  const fail = (error: unknown): void => {
    log.debug(`The lease could not be renewed: ${errorMessage(error)}`);
    if (isReason(error, 'Forbidden')) {
      timer.stop();
      log.warning(
        `The lock of this release cannot be renewed: ${errorMessage(error)} ` +
          '(grant get, create, patch and delete on leases in coordination.k8s.io).',
        { title: 'No lock' },
      );
    } else if (!isPassing(error) && !isReason(error, 'Conflict', 'AlreadyExists', 'NotFound'))
      giveUp(unrenewed(request, error));
    else if (clock.now() - renewedMs >= leaseMs) giveUp(unrenewed(request, error));
  };
  const attempt = async (): Promise<void> => {
    const startedMs = clock.now();
    try {
      const renewal = await renew(file, lease, owner);
      if ('holder' in renewal) {
        takenBy = renewal.holder;
        giveUp(takenOver(request, renewal.holder));
        return;
      }
      lease = renewal.lease;
      renewedMs = startedMs;
    } catch (error) {
      fail(error);
    }
  };
  const timer = clock.every(retryMs, () => {
    if (running !== undefined || clock.now() - renewedMs < renewMs) return;
    running = attempt().finally(() => {
      running = undefined;
    });
  });
  return {
    lost: lost.signal,
    takenBy: () => takenBy,
    stop: async () => {
      timer.stop();
      await running;
      return lease;
    },
  };
}
