import type { Operation } from './operation.ts';
import {
  recoverPending,
  lockRelease,
  openReleaseStore,
  type ReleasePorts,
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

/**
 * Finishes an upgrade whose main step was cancelled or killed: ends a Helm that outlived it, leaves
 * nothing pending, keeps the new revision when it is deployed and serves, and else goes back.
 */
export async function finishInterrupted(
  ports: ReleasePorts,
  operation: Operation,
): Promise<InterruptedResult> {
  const { kube, clock, log } = ports;
  const { release, namespace, owner, before } = operation;
  await stopOwnHelm(owner, { clock, log });
  const lock = await lockRelease({ ...ports, release, namespace, owner, timeoutMs: 30_000 });
  try {
    const store = openReleaseStore(kube, release, namespace);
    const { history } = await recoverPending(ports, store, { ours: true, deadlineMs: 0 });
    const newest = history[0];
    if (newest === undefined || newest.revision <= before) return { did: 'nothing' };
    if (newest.status === 'deployed') {
      const targets = await rolloutTargets(kube, {
        namespace,
        manifest: newest.record.manifest ?? '',
        previousManifest: newest.record.manifest,
        hooks: [],
        waitForJobs: false,
      });
      const { kind } = await followRollout({
        ...ports,
        progress: createProgressLog(log, clock),
        targets,
        applied: () => true,
        deadlineMs: clock.now() + settleMs,
      }).outcome;
      if (kind === 'ready') return { did: 'kept' };
    }
    return { did: 'undone', undone: await undo(ports, operation, 'the job was cancelled') };
  } finally {
    await lock.release();
  }
}
