import { isDeepStrictEqual } from 'node:util';
import { ExecError } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';
import {
  renderArguments,
  type UpgradePlan,
  readHelmError,
  type HelmRunner,
} from '../tool/index.ts';
import {
  objectKey,
  objectName,
  parseManifest,
  type ReleaseHook,
  type ReleaseRecord,
} from '../release/index.ts';

/** A chart that does not render; `unknownKind` when only because the cluster does not know a kind. */
export class RenderError extends ActionError {
  readonly unknownKind: boolean;

  constructor(message: string, details: { title: string; next?: string; unknownKind: boolean }) {
    super(message, details);
    this.name = 'RenderError';
    this.unknownKind = details.unknownKind;
  }
}

/**
 * What the upgrade would store, rendered against the cluster without changing it. Throws RenderError
 * when the chart does not render; nothing has happened then.
 */
export async function renderRelease(
  helm: HelmRunner,
  plan: UpgradePlan,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<ReleaseRecord> {
  try {
    const { stdout } = await helm.run(renderArguments(plan, helm.tool.major), options);
    return readRecord(plan, stdout);
  } catch (cause) {
    if (!(cause instanceof ExecError)) throw cause;
    throw renderError(plan, cause);
  }
}

/** The record that Helm printed; whatever a parser would quote of it stays out of the error. */
function readRecord({ release }: UpgradePlan, stdout: string): ReleaseRecord {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as ReleaseRecord;
  } catch {
    throw new ActionError(`Helm rendered ${release}, but what it printed is no JSON.`, {
      title: 'Nothing was changed',
      next: 'Look whether the helm on PATH is a wrapper that prints something of its own.',
    });
  }
}

/** What a Helm that did not render a chart said, for people. */
export function renderError(plan: UpgradePlan, { stderr, message }: ExecError): RenderError {
  const problem = readHelmError(stderr, message);
  return new RenderError(`${plan.release} cannot be upgraded: ${problem.message}`, {
    title: 'Nothing was changed',
    ...(problem.next === undefined ? {} : { next: problem.next }),
    unknownKind: stderr.includes('no matches for kind'),
  });
}

/**
 * Events whose hooks an upgrade of a release that is there does not run, nor anything after it until the
 * next upgrade: charts give test pods random names, and first installs are over.
 */
const idleEvents = new Set([
  'test',
  'test-success',
  'test-failure',
  'pre-install',
  'post-install',
  'crd-install',
]);

/** Whether Helm would run the hook in this upgrade, or later from what this upgrade stores. */
function wouldRun({ events = [] }: ReleaseHook): boolean {
  return events.length === 0 || events.some((event) => !idleEvents.has(event));
}

function comparableHook(hook: ReleaseHook): unknown {
  const { name, kind, manifest, events, weight, delete_policies: policies } = hook;
  return {
    name,
    kind,
    manifest,
    events: events ?? [],
    weight: weight ?? 0,
    policies: policies ?? [],
  };
}

/**
 * What differs between a rendered release and the one that is deployed, in words; empty when chart,
 * values, manifest and hooks are all the same, so that an upgrade would be a new number and no more.
 */
export function releaseDifferences(
  deployed: ReleaseRecord,
  rendered: ReleaseRecord,
): readonly string[] {
  const { namespace } = deployed;
  const differences: string[] = [];
  const index = (record: ReleaseRecord) =>
    new Map(
      parseManifest(record.manifest ?? '').map((object) => [objectKey(object, namespace), object]),
    );
  const before = index(deployed);
  const after = index(rendered);
  for (const [key, object] of after) {
    const old = before.get(key);
    if (old === undefined) differences.push(`${objectName(object)} is new`);
    else if (old.source.trim() !== object.source.trim())
      differences.push(`${objectName(object)} changes`);
  }
  for (const [key, object] of before)
    if (!after.has(key)) differences.push(`${objectName(object)} goes away`);
  if (differences.length === 0 && deployed.manifest?.trim() !== rendered.manifest?.trim())
    differences.push('the order or the notes of the manifest change');
  const hooks = (record: ReleaseRecord): unknown =>
    (record.hooks ?? []).filter(wouldRun).map(comparableHook);
  if (!isDeepStrictEqual(hooks(deployed), hooks(rendered))) differences.push('hooks change');
  if (!isDeepStrictEqual(deployed.chart?.metadata ?? {}, rendered.chart?.metadata ?? {})) {
    const version = (record: ReleaseRecord): string =>
      `${String(record.chart?.metadata?.['name'])} ${String(record.chart?.metadata?.['version'])}`;
    differences.push(
      version(deployed) === version(rendered)
        ? 'the Chart.yaml changes'
        : `the chart changes from ${version(deployed)} to ${version(rendered)}`,
    );
  }
  if (!isDeepStrictEqual(deployed.config ?? {}, rendered.config ?? {}))
    differences.push('the values change');
  return differences;
}
