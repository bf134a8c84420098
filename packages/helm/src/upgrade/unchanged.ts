import { causeText, type Cause } from '@slipway/kube';
import { errorMessage } from '@slipway/runtime';
import { followRollout } from '../rollout/index.ts';
import type { StoredRevision } from '../release/index.ts';
import { commitLabel, stampLabels } from '../source/index.ts';
import type { PreparedUpgrade } from './preparation.ts';
import type { UpgradeResult } from './upgrade-result.ts';
import type { UpgradeRun } from './upgrade-request.ts';

function illness(cause: Cause | undefined): Pick<UpgradeResult, 'reason' | 'cause' | 'next'> {
  const why = cause === undefined ? '' : causeText(cause);
  return {
    reason: `the release is unchanged but not healthy: ${why}`,
    ...(cause === undefined ? {} : { cause }),
    next: 'It was like that before this run: look at what changed outside the chart.',
  };
}

/**
 * Says of the revision that is there that it is what the commit of this run deploys, too: else a commit
 * between the two could still go over it. A stamp that cannot be written is told and fails nothing.
 */
async function moveStamp({ ports, request, store }: UpgradeRun, active: StoredRevision) {
  const { source } = request;
  if (source === undefined) return;
  const stamp = stampLabels(source.commit);
  if (active.labels[commitLabel] === stamp[commitLabel]) return;
  try {
    await store.label(active, stamp);
  } catch (error) {
    ports.signal.throwIfAborted();
    ports.log.warning(
      `Revision ${active.revision} of ${store.release} could not be stamped with the commit: ${errorMessage(error)}`,
      { title: 'Commit not recorded' },
    );
  }
}

/** Changes nothing of the release but its stamp, and looks whether the release that is there serves. */
export async function confirmUnchanged(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
  active: StoredRevision,
): Promise<UpgradeResult> {
  const { ports, progress, watch, deadlineMs } = run;
  const { deployedCommit, differences, leftAlone, recovered, targets } = prepared;
  ports.log.info(`Nothing differs from revision ${active.revision}, so nothing is changed`);
  if (leftAlone.length > 0)
    ports.log.info(`Left as it is (force-conflicts: true takes it back): ${leftAlone.join('; ')}`);
  const outcome = await watch.time('Health', () => {
    // A job that finished before may be gone: the cluster removes it after its ttlSecondsAfterFinished.
    const own = targets.filter(
      ({ hook, ref, before }) => !hook && (ref.kind !== 'job' || before !== undefined),
    );
    const applied = (): boolean => true;
    const { failFast } = run.request;
    return followRollout({ ...ports, progress, targets: own, applied, failFast, deadlineMs })
      .outcome;
  });
  const isIll = outcome.kind === 'broken' || outcome.kind === 'late';
  if (!isIll) await moveStamp(run, active);
  return {
    outcome: isIll ? 'failed' : 'unchanged',
    status: active.status,
    revision: active.revision,
    previousRevision: active.revision,
    changed: false,
    rolledBack: false,
    ...(isIll ? illness(outcome.cause) : { reason: '' }),
    attempts: 0,
    differences,
    leftAlone,
    recovered,
    deployedCommit,
    parts: watch.parts,
  };
}
