import { errorMessage } from '@slipway/runtime';
import {
  isPending,
  type ReleasePorts,
  type ReleaseStore,
  type StoredRevision,
} from '../release/index.ts';
import { withoutValues } from '../tool/index.ts';

const leaving = 'Failed and being rolled back: ';
const left = 'Failed and rolled back: ';
/** Characters of a description that `helm history` still shows well. */
const longest = 300;

type Ports = Pick<ReleasePorts, 'log' | 'signal' | 'redact'>;

/** Whoever may read the history reads it: it can stand in a ConfigMap, and is never masked there. */
async function markFailed(
  { log, signal, redact }: Ports,
  store: ReleaseStore,
  revision: StoredRevision,
  description: string,
): Promise<void> {
  try {
    const shown = redact(withoutValues(description));
    await store.mark(revision, 'failed', shown.slice(0, longest));
  } catch (error) {
    signal.throwIfAborted();
    log.debug(`Revision ${revision.revision} could not be marked failed: ${errorMessage(error)}`);
  }
}

/**
 * Marks a revision failed that is about to be left: a rollback that is killed half-way leaves it the
 * newest that is `deployed`, and the next rollback would go back to it.
 */
export async function markGivenUp(
  ports: Ports,
  store: ReleaseStore,
  from: StoredRevision,
  because: string,
): Promise<void> {
  // A pending one must be free, or Helm refuses to work.
  if (isPending(from.status)) await store.mark(from, 'failed', 'Failed: given up half-way');
  else if (from.status !== 'failed') await markFailed(ports, store, from, `${leaving}${because}`);
}

/** Marks the revision failed that was left: Helm may have called it superseded, as a good one. */
export async function markLeft(
  ports: Ports,
  store: ReleaseStore,
  after: readonly StoredRevision[],
  options: { revision: number; because: string },
): Promise<void> {
  const found = after.find(({ revision }) => revision === options.revision);
  if (found === undefined || found.revision === after[0]?.revision) return;
  const told = found.record.info.description?.startsWith(leaving) !== true;
  if (found.status === 'failed' && told) return;
  await markFailed(ports, store, found, `${left}${options.because}`);
}
