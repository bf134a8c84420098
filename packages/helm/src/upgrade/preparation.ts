import type { KubeClient } from '@slipway/kube';
import { readOrigin, recognized } from '../fingerprint/index.ts';
import {
  parseManifest,
  readObjects,
  recoverPending,
  rememberReads,
  type ManifestObject,
  type ReleaseRecord,
  type StoredRevision,
} from '../release/index.ts';
import { readRunningBefore, type RunningBefore } from '../rollback/index.ts';
import { checkSource, deployedCommit } from '../source/index.ts';
import { isCarriedOut, rolloutTargets, type RolloutTarget } from '../rollout/index.ts';
import { namesInObjects, secretsInObjects } from '../values/index.ts';
import { crdChangeText, type CrdChange } from './chart-crds.ts';
import { renderChart, type ChartRender } from './chart-render.ts';
import type { HeldUpgrade } from '../held/index.ts';
import { findDifferences } from './checks.ts';
import type { Applying } from './dry-run.ts';
import { appliesServerSide, type UpgradeRun } from './upgrade-request.ts';

/** All that is known before the first change. */
export interface PreparedUpgrade {
  history: readonly StoredRevision[];
  /** The revision that was left pending by somebody dead, and is marked failed by now. */
  recovered: number | undefined;
  /** The commit that the release is deployed from, where its history says so. */
  deployedCommit: string | undefined;
  newest: StoredRevision | undefined;
  /** The newest revision unless it was uninstalled. */
  active: StoredRevision | undefined;
  rendered: ReleaseRecord;
  /** CRDs of the chart that come before its objects. */
  crdChanges: readonly CrdChange[];
  /** What the upgrade would change, in words; empty when it would change nothing. */
  differences: readonly string[];
  /** What differs in the cluster and is left as others have set it, in words. */
  leftAlone: readonly string[];
  targets: readonly RolloutTarget[];
  /** Whether Helm applies this release server-side. */
  serverSide: boolean;
  applying: Applying;
  /** Digest of what `rendered` was rendered from; undefined where that cannot be told. */
  origin: string | undefined;
  /** Reads of before the first change, each of which is made once. */
  kube: KubeClient;
  /** What runs of the deployed revision; read while the chart is rendered. */
  running: Promise<RunningBefore>;
  /** The Helm that rendered it, before its first write; absent where another one has to do it. */
  held?: HeldUpgrade;
}

/** Masks what the Secrets of the release hold, except for what is a name elsewhere. */
function maskSecrets({ request }: UpgradeRun, rendered: ReleaseRecord): void {
  const objects = parseManifest(rendered.manifest ?? '');
  const hooks = (rendered.hooks ?? []).flatMap(({ manifest }) => parseManifest(manifest));
  const all = [...objects, ...hooks];
  const { release, namespace } = request.plan;
  const names = new Set([release, namespace, ...namesInObjects(all)]);
  for (const secret of secretsInObjects(all)) if (!names.has(secret)) request.maskSecret(secret);
}

/** The newest revision unless it was uninstalled. */
function activeOf([newest]: readonly StoredRevision[]): StoredRevision | undefined {
  return newest?.status === 'uninstalled' ? undefined : newest;
}

/** What Helm's patches start from: the last revision that is deployed, else the newest. */
function baseline(history: readonly StoredRevision[]): readonly ManifestObject[] {
  const from = history.find(({ status }) => status === 'deployed') ?? history[0];
  return parseManifest(from?.record.manifest ?? '');
}

/**
 * Brings the history in order, renders the release and compares it with what is deployed. `ours` says
 * that a pending revision is that of a dead holder of the lock. Throws ActionError when the chart does
 * not render or another Helm holds the release, SourceRefusedError for a commit that may not go over
 * what is deployed.
 */
export async function prepareUpgrade(run: UpgradeRun, ours: boolean): Promise<PreparedUpgrade> {
  const { ports, store, deadlineMs } = run;
  return await prepareFrom(
    run,
    await recoverPending(ports, store, {
      ours,
      deadlineMs,
      isCarriedOut: (pending) => isCarriedOut(ports.kube, pending.record),
    }),
  );
}

/** What is known whichever way the release was rendered. */
interface Rendered extends ChartRender, Pick<PreparedUpgrade, 'origin' | 'kube' | 'running'> {}

/** What runs of the deployed revision. Whoever asks for it hears of a failure. */
function readRunning(
  run: UpgradeRun,
  kube: KubeClient,
  active: StoredRevision | undefined,
): Promise<RunningBefore> {
  const read = async (): Promise<RunningBefore> => {
    if (active === undefined) return { revisions: {}, images: {}, unread: [] };
    const targets = await rolloutTargets(kube, {
      namespace: run.request.plan.namespace,
      manifest: active.record.manifest ?? '',
      previousManifest: undefined,
      hooks: [],
      waitForJobs: false,
    });
    const there = targets.filter(({ before }) => before !== undefined);
    return await readRunningBefore(
      kube,
      there.map(({ ref }) => ref),
    );
  };
  const running = read();
  running.catch(() => undefined);
  return running;
}

/** Reads what the trial will compare with while there is nothing else to do; it only saves time. */
function readAhead(kube: KubeClient, active: StoredRevision | undefined): void {
  if (active === undefined) return;
  const { manifest = '', namespace } = active.record;
  readObjects(kube, parseManifest(manifest), namespace).catch(() => undefined);
}

/** Compares, and looks at the workloads. */
async function compared(
  run: UpgradeRun,
  { history, recovered }: Pick<PreparedUpgrade, 'history' | 'recovered'>,
  { rendered, crdChanges, held, origin, kube, running }: Rendered,
): Promise<PreparedUpgrade> {
  const { request, watch } = run;
  const { plan } = request;
  const ports = { ...run.ports, kube };
  const [newest] = history;
  const active = activeOf(history);
  maskSecrets(run, rendered);
  const serverSide = appliesServerSide(ports, active);
  const force = plan.forceConflicts;
  const [{ changing, leftAlone }, found] = await Promise.all([
    watch.time('Compare', () => findDifferences(ports, active, rendered, { force, serverSide })),
    rolloutTargets(kube, {
      namespace: plan.namespace,
      manifest: rendered.manifest ?? '',
      previousManifest: active?.record.manifest,
      hooks: plan.hooks ? (rendered.hooks ?? []) : [],
      waitForJobs: plan.waitForJobs,
    }),
  ]);
  const differences = [...crdChanges.map(crdChangeText), ...changing];
  // Without waiting only hooks are followed: Helm waits for these in any case.
  const targets = plan.wait ? found : found.filter(({ hook }) => hook);
  return {
    history,
    recovered,
    deployedCommit: deployedCommit(history),
    newest,
    active,
    rendered,
    crdChanges,
    differences,
    leftAlone,
    targets,
    serverSide,
    applying: serverSide ? { side: 'server', force } : { side: 'client', old: baseline(history) },
    origin,
    kube,
    running,
    ...(held === undefined ? {} : { held }),
  };
}

/** The digest of all that the release is rendered from now; undefined when that cannot be told. */
async function originOf({ inputs, ports }: UpgradeRun): Promise<string | undefined> {
  const known = await inputs;
  return known === undefined ? undefined : await readOrigin(ports, known);
}

/**
 * The same from a history that is in order; writes nothing. Where the deployed revision was rendered from
 * just this chart, these values and this Helm, it is not rendered again unless the cluster differs from it.
 */
export async function prepareFrom(
  run: UpgradeRun,
  order: Pick<PreparedUpgrade, 'history' | 'recovered'>,
): Promise<PreparedUpgrade> {
  const { ports, request, watch } = run;
  const { history } = order;
  const { source } = request;
  // Before anything that costs time: what may not be deployed need not render either.
  if (source !== undefined) await watch.time('Commit', () => checkSource(ports, source, history));
  const active = activeOf(history);
  const reading = originOf(run);
  if (active?.fingerprint !== undefined) {
    const origin = await reading;
    const known = recognized(origin, active);
    if (known !== undefined) {
      ports.log.info(
        `Chart, values and Helm are those of revision ${active.revision}, so it is not rendered again`,
      );
      const kube = rememberReads(ports.kube);
      const running = Promise.resolve({ revisions: {}, images: {}, unread: [] });
      const same = { rendered: known, crdChanges: [], origin, kube, running };
      const prepared = await compared(run, order, same);
      if (prepared.differences.length === 0) return prepared;
    }
  }
  const kube = rememberReads(ports.kube);
  readAhead(kube, active);
  const running = readRunning(run, kube, active);
  const rendering = watch.time('Render', () => renderChart(run, active));
  try {
    const [render, origin] = await Promise.all([rendering, reading]);
    return await compared(run, order, { ...render, origin, kube, running });
  } catch (error) {
    // Also a Helm that is only on its way to its first write: nobody would let it go or end it.
    const held = await rendering.then((render) => render.held).catch(() => undefined);
    await held?.drop();
    throw error;
  }
}
