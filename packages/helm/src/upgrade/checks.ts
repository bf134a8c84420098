import { ActionError } from '@slipway/runtime';
import { type UpgradePlan, adviceFor, withoutDumps } from '../tool/index.ts';
import {
  findDrift,
  parseManifest,
  type ReleaseRecord,
  type StoredRevision,
  type ReleasePorts,
} from '../release/index.ts';
import { findRefusals } from './refusals.ts';
import { releaseDifferences } from './render.ts';

/** Throws an ActionError that lists every object which the cluster would refuse. */
export async function refuseEarly(
  ports: ReleasePorts,
  plan: UpgradePlan,
  rendered: ReleaseRecord,
  serverSide: boolean,
): Promise<void> {
  const refusals = await findRefusals(ports.kube, parseManifest(rendered.manifest ?? ''), {
    namespace: plan.namespace,
    force: plan.forceConflicts || !serverSide,
  });
  if (refusals.length === 0) return;
  const lines = refusals.map(({ object, message }) => `${object}: ${withoutDumps(message)}`);
  const next = adviceFor(lines.join('\n'));
  throw new ActionError(
    lines.length === 1
      ? `The cluster would refuse ${lines[0] ?? ''}`
      : `The cluster would refuse ${lines.length} objects:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    { title: 'Nothing was changed', ...(next === undefined ? {} : { next }) },
  );
}

/** What an upgrade would change, in words; empty when neither release nor cluster differ. */
export async function findDifferences(
  ports: ReleasePorts,
  active: StoredRevision | undefined,
  rendered: ReleaseRecord,
): Promise<readonly string[]> {
  if (active === undefined) return ['the release is new'];
  if (active.status !== 'deployed') return [`revision ${active.revision} is ${active.status}`];
  const differences = releaseDifferences(active.record, rendered);
  if (differences.length > 0) return differences;
  const drift = await findDrift(
    ports.kube,
    parseManifest(rendered.manifest ?? ''),
    active.record.namespace,
  );
  return drift.map(({ object, how }) => `${object} ${how}`);
}
