import {
  lockRelease,
  openReleaseStore,
  recoverPending,
  type ReleasePorts,
  type StoredRevision,
} from '../release/index.ts';
import { stopOwnHelm } from '../tool/index.ts';
import { markGivenUp } from './left-revision.ts';
import { rollbackRelease, type RollbackResult } from './rollback.ts';

/** A rollback that is about to begin: what the post step needs when main was killed. Holds nothing secret. */
export interface RollbackOperation {
  release: string;
  namespace: string;
  owner: string;
  /** The revision that was found unhealthy. */
  revision: number;
  /** Where to go back to. */
  target: number;
  rollbackMs: number;
  because: string;
}

/** What came of a rollback that was cut off. */
export type FinishedRollback =
  /** Helm had not begun: the revision is marked failed, and stays as it was otherwise. */
  | { did: 'marked' }
  /** Helm was through, or somebody else has gone on with the release. */
  | { did: 'nothing'; newest: number; status: string }
  | { did: 'rolled-back'; result: RollbackResult };

const lockPatienceMs = 30_000;

/** Whether the newest revision is what our Helm left in the middle: a copy of the target, not deployed. */
function isHalfWay(newest: StoredRevision, target: StoredRevision | undefined): boolean {
  return newest.status === 'failed' && newest.record.manifest === target?.record.manifest;
}

/**
 * Finishes a rollback whose main step was cancelled or killed: ends a Helm that outlived it, marks the
 * revision failed that was found unhealthy, leaves nothing pending, and goes on with the rollback when
 * Helm had begun it. One that had not begun stays undone: whoever cancelled the job may have meant that.
 */
export async function finishRollback(
  ports: ReleasePorts,
  operation: RollbackOperation,
): Promise<FinishedRollback> {
  const { kube, clock, log, signal } = ports;
  const { release, namespace, owner, revision, target, rollbackMs, because } = operation;
  await stopOwnHelm(owner, { clock, log });
  const lock = await lockRelease({
    ...ports,
    release,
    namespace,
    owner,
    timeoutMs: lockPatienceMs,
  });
  const guarded = { ...ports, signal: AbortSignal.any([signal, lock.lost]) };
  try {
    const store = openReleaseStore(kube, release, namespace, ports.helm.driver);
    const bad = (await store.history()).find((stored) => stored.revision === revision);
    if (bad !== undefined) await markGivenUp(guarded, store, bad, because);
    const { history } = await recoverPending(guarded, store, { ours: true, deadlineMs: 0 });
    const [newest] = history;
    if (newest === undefined || newest.revision <= revision) return { did: 'marked' };
    const good = history.find((stored) => stored.revision === target);
    if (newest.revision > revision + 1 || !isHalfWay(newest, good))
      return { did: 'nothing', newest: newest.revision, status: newest.status };
    const request = { release, namespace, toRevision: target, timeoutMs: rollbackMs, because };
    return { did: 'rolled-back', result: await rollbackRelease(guarded, request) };
  } finally {
    await lock.release();
  }
}
