import { causeText, type Cause } from '@slipway/kube';
import { followRollout } from '../rollout/index.ts';
import type { StoredRevision } from '../release/index.ts';
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

/** Changes nothing, and looks whether the release that is there serves. */
export async function confirmUnchanged(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
  active: StoredRevision,
): Promise<UpgradeResult> {
  const { ports, progress, watch, deadlineMs } = run;
  const { differences, leftAlone, recovered, targets } = prepared;
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
    parts: watch.parts,
  };
}
