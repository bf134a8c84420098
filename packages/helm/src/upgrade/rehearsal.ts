import { createProgressLog } from '@slipway/rollout';
import { ActionError, stopwatch } from '@slipway/runtime';
import { isPending, openReleaseStore, type ReleasePorts } from '../release/index.ts';
import { prepareFrom } from './preparation.ts';
import { tellChanges, triedChanges } from './tried-changes.ts';
import type { UpgradeResult } from './upgrade-result.ts';
import { beginReadingInputs, type UpgradeRequest } from './upgrade-request.ts';

/**
 * All that an upgrade does before its first write: renders, compares, and tries every object on the API
 * server. Takes no lock and makes no namespace, so that what it says holds for this moment only. Throws
 * as `upgradeRelease` does where the cluster would refuse, and when a revision is pending.
 */
export async function rehearseUpgrade(
  ports: ReleasePorts,
  request: UpgradeRequest,
): Promise<UpgradeResult> {
  const { kube, clock, log } = ports;
  const { release, namespace } = request.plan;
  const run = {
    ports,
    // A Helm that could write has no place here.
    request: { ...request, scratch: undefined },
    store: openReleaseStore(kube, release, namespace, ports.helm.driver),
    watch: stopwatch(clock),
    progress: createProgressLog(log, clock),
    deadlineMs: clock.now() + request.timeoutMs,
    inputs: beginReadingInputs(ports, request),
  };
  const history = await run.store.history();
  const [newest] = history;
  if (newest !== undefined && isPending(newest.status))
    throw new ActionError(
      `Revision ${newest.revision} of ${release} is ${newest.status}, so nothing can be said about the next one.`,
      {
        title: 'Release is pending',
        next: 'Wait for the upgrade that is under way. One that died is recovered by the next run that is no dry run.',
      },
    );
  const prepared = await prepareFrom(run, { history, recovered: undefined });
  const { active, differences, leftAlone } = prepared;
  const changes = active === undefined || differences.length > 0;
  const told = changes
    ? await run.watch.time('Trial', () => triedChanges(run, prepared))
    : undefined;
  log.info(
    changes ? `Would change: ${differences.join(', ')}` : 'Nothing differs from what is deployed',
  );
  if (told !== undefined) await tellChanges(run, told);
  return {
    ...(told === undefined ? {} : { changes: told }),
    outcome: changes ? 'would-change' : 'unchanged',
    status: newest?.status ?? 'uninstalled',
    revision: newest?.revision,
    previousRevision: active?.revision,
    changed: false,
    rolledBack: false,
    reason: '',
    attempts: 0,
    differences,
    leftAlone,
    recovered: undefined,
    deployedCommit: prepared.deployedCommit,
    parts: run.watch.parts,
  };
}
