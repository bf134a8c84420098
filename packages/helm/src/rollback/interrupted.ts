import type { Operation } from './operation.ts';
import {
  lockRelease,
  openReleaseStore,
  recoverPending,
  type ReleasePorts,
  type StoredRevision,
} from '../release/index.ts';
import { rolloutTargets, followRollout } from '../rollout/index.ts';
import { createProgressLog } from '@slipway/rollout';
import { stopOwnHelm } from '../tool/index.ts';
import { undo, type Undone } from './undo.ts';

/** What the post step found and did. */
export interface InterruptedResult {
  /** `nothing`: the upgrade had not begun. `kept`: it was through, and serves. */
  did: 'nothing' | 'kept' | 'undone';
  undone?: Undone;
}

/** A revision that Helm had finished gets this long to show that it serves. */
const settleMs = 10_000;

/** Whether the revision that Helm had finished serves by now, or soon. */
async function serves(ports: ReleasePorts, newest: StoredRevision): Promise<boolean> {
  const { kube, clock, log } = ports;
  const manifest = newest.record.manifest ?? '';
  const targets = await rolloutTargets(kube, {
    namespace: newest.record.namespace,
    manifest,
    previousManifest: manifest,
    hooks: [],
    waitForJobs: false,
  });
  const { kind } = await followRollout({
    ...ports,
    progress: createProgressLog(log, clock),
    targets,
    applied: () => true,
    failFast: 'normal',
    deadlineMs: clock.now() + settleMs,
  }).outcome;
  return kind === 'ready';
}

/**
 * Finishes an upgrade whose main step was cancelled or killed, or ended in the middle by an error: ends a
 * Helm that outlived it, leaves nothing pending, keeps the new revision when it is deployed and serves,
 * and else goes back.
 */
export async function finishInterrupted(
  ports: ReleasePorts,
  operation: Operation,
): Promise<InterruptedResult> {
  const { kube, clock, log, signal } = ports;
  const { release, namespace, owner, before } = operation;
  await stopOwnHelm(owner, { clock, log });
  const lock = await lockRelease({ ...ports, release, namespace, owner, timeoutMs: 30_000 });
  const guarded = { ...ports, signal: AbortSignal.any([signal, lock.lost]) };
  try {
    const store = openReleaseStore(kube, release, namespace, ports.helm.driver);
    const { history } = await recoverPending(guarded, store, { ours: true, deadlineMs: 0 });
    const newest = history[0];
    if (newest === undefined || newest.revision <= before) return { did: 'nothing' };
    if (newest.status === 'deployed' && (!operation.wait || (await serves(guarded, newest))))
      return { did: 'kept' };
    return { did: 'undone', undone: await undo(guarded, operation, 'the job was cut off') };
  } finally {
    await lock.release();
  }
}
