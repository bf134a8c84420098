import { refuseEarly } from './checks.ts';
import type { PreparedUpgrade } from './preparation.ts';
import { releaseChanges, type ReleaseChanges } from './release-changes.ts';
import { holdToReversible } from './reversibility.ts';
import type { UpgradeRun } from './upgrade-request.ts';

/** Tries every object, and gives what the upgrade changes. Throws ActionError as `refuseEarly` does. */
export async function triedChanges(
  { ports, request }: UpgradeRun,
  prepared: PreparedUpgrade,
): Promise<ReleaseChanges> {
  const { active, rendered, kube } = prepared;
  const tried = await refuseEarly({ ...ports, kube }, request.plan, prepared);
  return await releaseChanges(ports, request.plan, { deployed: active?.record, rendered, tried });
}

/** Shows what changes, folded, and what cannot be undone. Throws ActionError where that is refused. */
export async function tellChanges(
  { ports: { log }, request }: UpgradeRun,
  { diff, irreversible }: ReleaseChanges,
): Promise<void> {
  if (diff !== '')
    await log.group('What changes in the cluster', () => {
      log.info(diff);
      return Promise.resolve();
    });
  holdToReversible(log, request.irreversible ?? 'warn', irreversible);
}
