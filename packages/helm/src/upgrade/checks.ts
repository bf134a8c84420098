import { ActionError, count } from '@slipway/runtime';
import { type UpgradePlan, adviceFor } from '../tool/index.ts';
import {
  findDrift,
  objectName,
  parseManifest,
  type Drift,
  type ReleaseRecord,
  type StoredRevision,
  type ReleasePorts,
} from '../release/index.ts';
import type { LiveChange } from '../diff/index.ts';
import type { CrdChange } from './chart-crds.ts';
import { tryObjects, type Applying, type TrialFinding } from './dry-run.ts';
import { releaseDifferences } from './render.ts';
import { apiVersionsOf } from './template-render.ts';

/** The CRDs that the cluster would refuse; Helm's own `create` changes none that is there. */
function crdRefusals(plan: UpgradePlan, changes: readonly CrdChange[]): readonly TrialFinding[] {
  if (plan.crds !== 'upgrade') return [];
  return changes.flatMap(({ object, refused }): TrialFinding[] =>
    refused === undefined
      ? []
      : [{ object: objectName(object), kind: 'refused', message: refused }],
  );
}

/**
 * What the upgrade would do to each object. Throws an ActionError that lists every object which the
 * cluster would refuse; tells what could not be tried.
 */
export async function refuseEarly(
  ports: ReleasePorts,
  plan: UpgradePlan,
  prepared: { rendered: ReleaseRecord; applying: Applying; crdChanges: readonly CrdChange[] },
): Promise<readonly LiveChange[]> {
  const { rendered, applying, crdChanges } = prepared;
  const objects = parseManifest(rendered.manifest ?? '');
  const { namespace } = plan;
  const notYet = new Set(apiVersionsOf(crdChanges.map(({ object }) => object)));
  const trials = await tryObjects(ports.kube, objects, { namespace, applying, notYet });
  const findings: readonly TrialFinding[] = [
    ...crdRefusals(plan, crdChanges),
    ...trials.flatMap(({ finding }) => finding ?? []),
  ];
  const lines = findings.map(({ object, message }) => `${object}: ${message}`);
  const refused = lines.filter((_, index) => findings[index]?.kind === 'refused');
  const untried = lines.filter((_, index) => findings[index]?.kind === 'untried');
  const doubtful = lines.filter((_, index) => findings[index]?.kind === 'doubtful');
  for (const line of doubtful) ports.log.warning(line, { title: 'Not sure to come as written' });
  if (untried.length > 0)
    ports.log.info(
      `${count(untried.length, 'object')} could not be tried before: ${untried.slice(0, 4).join('; ')}` +
        (untried.length > 4 ? `; and ${untried.length - 4} more` : ''),
    );
  if (refused.length === 0) return trials.flatMap(({ change }) => change ?? []);
  const next = adviceFor(refused.join('\n'));
  throw new ActionError(
    refused.length === 1
      ? `The cluster would refuse ${refused[0] ?? ''}`
      : `The cluster would refuse ${refused.length} objects:\n${refused.map((line) => `  ${line}`).join('\n')}`,
    { title: 'Nothing was changed', ...(next === undefined ? {} : { next }) },
  );
}

/** What an upgrade would change, and what differs and is left as it is, in words. */
export interface Differences {
  /** Empty when neither release nor cluster differ. */
  changing: readonly string[];
  /** Fields of an unchanged release that somebody else has set. */
  leftAlone: readonly string[];
}

function driftText({ object, how, keptBy }: Drift): string {
  return keptBy === undefined ? `${object} ${how}` : `${object} ${how}, set by ${keptBy}`;
}

/**
 * What an upgrade would change. With `force` it takes back what others have set; on the client's side
 * Helm never mends a custom resource whose manifest stays the same.
 */
export async function findDifferences(
  ports: ReleasePorts,
  active: StoredRevision | undefined,
  rendered: ReleaseRecord,
  options: { force: boolean; serverSide: boolean },
): Promise<Differences> {
  const only = (changing: readonly string[]): Differences => ({ changing, leftAlone: [] });
  if (active === undefined) return only(['the release is new']);
  if (active.status !== 'deployed')
    return only([`revision ${active.revision} is ${active.status}`]);
  const differences = releaseDifferences(active.record, rendered);
  if (differences.length > 0) return only(differences);
  const objects = parseManifest(rendered.manifest ?? '');
  const drift = await findDrift(ports.kube, objects, active.record.namespace);
  const isLeft = ({ keptBy, custom }: Drift): boolean =>
    (keptBy !== undefined && !options.force) || (custom === true && !options.serverSide);
  return {
    changing: drift.filter((one) => !isLeft(one)).map(driftText),
    leftAlone: drift.filter(isLeft).map(driftText),
  };
}
