import { ActionError, formatDuration } from '@slipway/runtime';
import {
  isPassing,
  isReason,
  leaseMs,
  type Lease,
  type LeaseFile,
  type LockRequest,
} from './lease.ts';

/**
 * Clocks of runners may differ by this much before a lease is misjudged by its date. To watch a dead holder
 * for its whole lease takes seconds, and a living one that is robbed gives up in the middle of its upgrade.
 */
const skewMs = 60 * 60_000;
/** How often a lease is looked at, and how many failures in a row are borne. */
const pauseMs = 1_000;
const patience = 3;

/** A lease that we hold. */
export interface TakenLease {
  lease: Lease;
  /** The holder before us that never let go. */
  deadHolder: string | undefined;
}

/** Counts failures that pass; throws what does not, or comes too often. */
function createPatience(): { bear: (error: unknown) => void; reset: () => void } {
  let failures = 0;
  return {
    bear: (error) => {
      failures += 1;
      if (!isPassing(error) || failures >= patience) throw error;
    },
    reset: () => {
      failures = 0;
    },
  };
}

function heldTooLong(request: LockRequest, holder: string, waitedMs: number): ActionError {
  return new ActionError(
    `The release ${request.release} in ${request.namespace} is being worked on by ${holder}, which ` +
      `is alive; it was waited for ${formatDuration(waitedMs)}.`,
    {
      title: 'Another job holds the release',
      next: 'Let that job end, or give both workflows the same `concurrency` group.',
    },
  );
}

/**
 * Whether the lease is free to take: its holder is us, let go, has shown no sign of life while we watched
 * for its whole duration, or dates from so long ago that no clock skew explains it.
 */
function isFree(lease: Lease, request: LockRequest, watchedMs: number): boolean {
  const { holderIdentity: holder = '', leaseDurationSeconds, renewTime } = lease.spec ?? {};
  if (holder === '' || holder === request.owner) return true;
  const durationMs = (leaseDurationSeconds ?? leaseMs / 1000) * 1000;
  const renewedMs = Date.parse(renewTime ?? '');
  const ageMs = Number.isNaN(renewedMs)
    ? Number.POSITIVE_INFINITY
    : request.clock.now() - renewedMs;
  return ageMs > durationMs + skewMs || watchedMs > durationMs;
}

/** Watches the lease until it is free; undefined when it is gone. */
async function awaitFree(request: LockRequest, file: LeaseFile): Promise<Lease | undefined> {
  const { clock, log, signal, timeoutMs } = request;
  const startedMs = clock.now();
  const failures = createPatience();
  let seen: Lease | undefined;
  let seenMs = startedMs;
  let announced = '';
  for (;;) {
    try {
      const lease = await file.read();
      failures.reset();
      if (lease.metadata.resourceVersion !== seen?.metadata.resourceVersion) seenMs = clock.now();
      seen = lease;
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined;
      failures.bear(error);
    }
    const holder = seen?.spec?.holderIdentity ?? '';
    if (seen !== undefined && isFree(seen, request, clock.now() - seenMs)) return seen;
    const waitedMs = clock.now() - startedMs;
    if (seen !== undefined && waitedMs > timeoutMs) throw heldTooLong(request, holder, waitedMs);
    if (announced !== holder) log.info(`Waiting for ${holder}, which is working on this release`);
    announced = holder;
    await clock.sleep(Math.min(pauseMs, timeoutMs), signal);
  }
}

/** One try: a new lease, or the one that is there when it is free. Undefined when somebody was faster. */
async function tryTaking(
  request: LockRequest,
  file: LeaseFile,
  onFree: (holder: string) => void,
): Promise<Lease | undefined> {
  try {
    const lease = await file.make();
    onFree('');
    return lease;
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
  }
  const free = await awaitFree(request, file);
  if (free === undefined) return undefined;
  onFree(free.spec?.holderIdentity ?? '');
  try {
    return await file.take(free);
  } catch (error) {
    if (isReason(error, 'NotFound', 'Conflict')) return undefined;
    throw error;
  }
}

/**
 * Takes the lease, waiting for a live holder. An answer that is lost on the way changes nothing: the next
 * look finds us as the holder. Throws ActionError when a live holder takes too long, else KubeError.
 */
export async function takeLease(request: LockRequest, file: LeaseFile): Promise<TakenLease> {
  const { clock, log, signal, owner } = request;
  const failures = createPatience();
  let deadHolder: string | undefined;
  const onFree = (holder: string): void => {
    // We hold it already: what the answer that was lost would have announced.
    if (holder === owner) return;
    deadHolder = holder === '' ? undefined : holder;
    if (deadHolder !== undefined)
      log.info(`${holder} held this release and gives no sign of life; taking over`);
  };
  for (;;) {
    signal.throwIfAborted();
    try {
      const lease = await tryTaking(request, file, onFree);
      if (lease !== undefined) return { lease, deadHolder };
    } catch (error) {
      failures.bear(error);
      await clock.sleep(pauseMs, signal);
    }
  }
}
