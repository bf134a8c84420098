import { goDuration } from '@slipway/runtime';
import { postRendererArguments, type PostRenderer } from './post-renderer.ts';
import type { HelmMajor } from './tool.ts';

/** What one upgrade is asked to do. */
export interface UpgradePlan {
  release: string;
  namespace: string;
  /** Folder or .tgz file on this machine. */
  chart: string;
  /** Value files, weakest first. */
  valueFiles: readonly string[];
  /** Whether the release has to serve before the upgrade counts as done. */
  wait: boolean;
  waitForJobs: boolean;
  historyMax: number;
  /** Take over fields that other managers own. */
  forceConflicts: boolean;
  crds: CrdPolicy;
  /** Whether hooks are run. */
  hooks: boolean;
  /** Adopt objects that are there and belong to no release, or to another one. */
  takeOwnership: boolean;
  /** Whether values have to fit the chart's values.schema.json. */
  schemaValidation: boolean;
  /** Of the revision in Helm's history; empty for Helm's own words. */
  description: string;
  /** Of the revision in Helm's storage. */
  labels: Readonly<Record<string, string>>;
  postRenderer: PostRenderer | undefined;
}

/**
 * What happens to the CRDs in `crds/` of a chart: `create` as Helm does, on a first install where they
 * are missing; `upgrade` also when they differ; `skip` never.
 */
export type CrdPolicy = 'skip' | 'create' | 'upgrade';

function chartArguments(plan: UpgradePlan, major: HelmMajor, rendered = true): readonly string[] {
  return [
    '--namespace',
    plan.namespace,
    ...plan.valueFiles.flatMap((file) => ['--values', file]),
    ...(plan.schemaValidation ? [] : ['--skip-schema-validation']),
    ...(rendered ? postRendererArguments(plan.postRenderer, major) : []),
  ];
}

/** `a=1,b=2`: neither keys nor values of labels can hold a comma. */
function labelArguments(labels: UpgradePlan['labels']): readonly string[] {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? [] : ['--labels', pairs.join(',')];
}

function common(plan: UpgradePlan, major: HelmMajor): readonly string[] {
  return [
    'upgrade',
    plan.release,
    plan.chart,
    '--install',
    ...chartArguments(plan, major),
    // Without it Helm keeps the old release's values when none are given (helm/helm: reuseValues).
    '--reset-values',
    '--history-max',
    String(plan.historyMax),
    ...(plan.crds === 'skip' ? ['--skip-crds'] : []),
    ...(plan.hooks ? [] : ['--no-hooks']),
    ...(plan.takeOwnership ? ['--take-ownership'] : []),
    ...(plan.description === '' ? [] : ['--description', plan.description]),
    ...labelArguments(plan.labels),
  ];
}

/** Helm 4 always waits for hooks; Helm 3 needs no word for that. */
function waitArguments(plan: UpgradePlan, major: HelmMajor): readonly string[] {
  if (!plan.wait) return major === 4 ? ['--wait=hookOnly'] : [];
  return [
    major === 4 ? '--wait=legacy' : '--wait',
    ...(plan.waitForJobs ? ['--wait-for-jobs'] : []),
  ];
}

/** What is to be known of a chart: its CRDs, its objects after the post-renderer, or both at once. */
export type TemplatePart = 'crds' | 'objects' | 'both';

/**
 * Renders on this machine as if the cluster had these kinds. Helm 3 can still look objects up; Helm 4
 * would look for the kinds of the rendered objects, too.
 */
export function templateArguments(
  plan: UpgradePlan,
  cluster: {
    major: HelmMajor;
    isUpgrade: boolean;
    kubeVersion: string;
    apiVersions: readonly string[];
  },
  part: TemplatePart,
): readonly string[] {
  return [
    'template',
    plan.release,
    plan.chart,
    ...chartArguments(plan, cluster.major, part !== 'crds'),
    ...(part === 'objects' ? [] : ['--include-crds']),
    ...(cluster.isUpgrade ? ['--is-upgrade'] : []),
    ...(cluster.major === 3 ? ['--dry-run=server'] : []),
    '--kube-version',
    cluster.kubeVersion,
    ...cluster.apiVersions.flatMap((version) => ['--api-versions', version]),
  ];
}

/** Renders as the upgrade would, with the cluster's capabilities and lookups, and changes nothing. */
export function renderArguments(plan: UpgradePlan, major: HelmMajor): readonly string[] {
  return [...common(plan, major), '--dry-run=server', '--output', 'json'];
}

/**
 * The upgrade itself. Helm waits, so that a revision is `deployed` only when it is ready and hooks run
 * in their order; but it gets no --atomic / --rollback-on-failure: its rollback would run beside a
 * worker that still waits for the cancelled revision, and is killed by the runner half-way. On Helm 4
 * the strategy is `legacy`: `watcher` needs list and watch on every kind and lags far behind
 * (helm/helm#32043). `timeoutMs` should be longer than Slipway's own limit, which names the cause.
 */
export function upgradeArguments(
  plan: UpgradePlan,
  options: { major: HelmMajor; timeoutMs: number; serverSide: boolean },
): readonly string[] {
  return [
    ...common(plan, options.major),
    ...(plan.forceConflicts && options.serverSide ? ['--force-conflicts'] : []),
    ...waitArguments(plan, options.major),
    '--timeout',
    goDuration(options.timeoutMs),
    '--output',
    'json',
  ];
}

/**
 * A rollback without waiting: `helm rollback` does not listen to signals and would leave
 * `pending-rollback` behind; Slipway waits and proves by itself.
 */
export function rollbackArguments(options: {
  release: string;
  namespace: string;
  revision: number;
  historyMax: number;
  timeoutMs: number;
  /** Whether Helm applies this release server-side. Then it must win: the way back may not be barred. */
  serverSide: boolean;
  /** Whether hooks are run. */
  hooks: boolean;
}): readonly string[] {
  return [
    'rollback',
    options.release,
    String(options.revision),
    '--namespace',
    options.namespace,
    '--cleanup-on-fail',
    '--history-max',
    String(options.historyMax),
    '--timeout',
    goDuration(options.timeoutMs),
    ...(options.serverSide ? ['--force-conflicts'] : []),
    ...(options.hooks ? [] : ['--no-hooks']),
  ];
}

/** Runs the tests of a release. */
export function testArguments(options: {
  release: string;
  namespace: string;
  timeoutMs: number;
}): readonly string[] {
  const { release, namespace, timeoutMs } = options;
  return ['test', release, '--namespace', namespace, '--timeout', goDuration(timeoutMs)];
}

/** Takes a first install that failed away again. */
export function uninstallArguments(
  options: { release: string; namespace: string; timeoutMs: number; hooks: boolean },
  major: HelmMajor,
): readonly string[] {
  return [
    'uninstall',
    options.release,
    '--namespace',
    options.namespace,
    '--ignore-not-found',
    major === 4 ? '--wait=legacy' : '--wait',
    ...(options.hooks ? [] : ['--no-hooks']),
    '--timeout',
    goDuration(options.timeoutMs),
  ];
}
