import { ExecError } from '@slipway/exec';
import { formatDuration, retry } from '@slipway/runtime';
import {
  visitObjects,
  parseManifest,
  type ReleaseRecord,
  type StoredRevision,
} from '../release/index.ts';
import { readHelmError, type HelmProblem } from '../tool/index.ts';
import {
  holdUpgrade,
  NotThroughRelayError,
  UnforeseenWriteError,
  type HeldUpgrade,
} from '../held/index.ts';
import { findCrdChanges, type CrdChange } from './chart-crds.ts';
import { RenderError, renderError, renderRelease } from './render.ts';
import { apiVersionsOf, renderTemplate, type TemplateRender } from './template-render.ts';
import {
  appliesServerSide,
  remainingMs,
  upgradeCommand,
  type UpgradeRun,
} from './upgrade-request.ts';

/** A rendered chart and what has to happen to its CRDs before its objects can be. */
export interface ChartRender {
  rendered: ReleaseRecord;
  /** CRDs that come first: Slipway changes them with `crds: upgrade`, else Helm makes the missing ones. */
  crdChanges: readonly CrdChange[];
  /** The Helm that rendered it, before its first write; absent where that one has ended. */
  held?: HeldUpgrade;
}

async function template(
  run: UpgradeRun,
  active: StoredRevision | undefined,
): Promise<TemplateRender> {
  const { ports, request } = run;
  const { signal } = ports;
  const options = { timeoutMs: remainingMs(run), signal, isUpgrade: active !== undefined };
  try {
    return await renderTemplate(ports, request.plan, options);
  } catch (error) {
    throw error instanceof ExecError ? renderError(request.plan, error) : error;
  }
}

/** Whether every kind that the cluster does not know is one of the chart's own CRDs. */
async function bringsItsKinds(
  run: UpgradeRun,
  { manifest, crds }: TemplateRender,
): Promise<boolean> {
  const own = new Set(apiVersionsOf(crds));
  const scope = { objects: parseManifest(manifest), namespace: run.request.plan.namespace };
  const strange = await visitObjects(
    run.ports.kube,
    scope,
    async ({ apiVersion, kind }, path) =>
      await Promise.resolve(
        path === undefined && !own.has(`${apiVersion}/${kind}`) ? kind : undefined,
      ),
  );
  return strange.length === 0;
}

/** The chart as it will be once its CRDs are there; undefined when those are not what is missing. */
async function renderBeforeCrds(
  run: UpgradeRun,
  active: StoredRevision | undefined,
): Promise<ChartRender | undefined> {
  const { ports, request } = run;
  const { release: name, namespace } = request.plan;
  let printed: TemplateRender;
  try {
    printed = await template(run, active);
  } catch (error) {
    if (error instanceof RenderError) return undefined;
    throw error;
  }
  if (printed.crds.length === 0 || !(await bringsItsKinds(run, printed))) return undefined;
  const { manifest, hooks, crds } = printed;
  const { chart, config, version = 0 } = active?.record ?? {};
  const rendered: ReleaseRecord = {
    name,
    namespace,
    version: version + 1,
    info: { status: 'unknown' },
    manifest,
    hooks,
    ...(chart === undefined ? {} : { chart }),
    ...(config === undefined ? {} : { config }),
  };
  return { rendered, crdChanges: await findCrdChanges(ports.kube, crds) };
}

/** Starts the upgrade itself and holds it before its first write; undefined where it cannot be held. */
async function heldRender(
  run: UpgradeRun,
  active: StoredRevision | undefined,
): Promise<ChartRender | undefined> {
  const { ports, request } = run;
  const { plan, scratch, maskSecret } = request;
  // A first install makes its CRDs before it renders; a post-renderer may ask the cluster by its contexts.
  const makesCrds = active === undefined || plan.crds === 'upgrade';
  if (scratch === undefined || makesCrds || plan.postRenderer !== undefined) return undefined;
  const { release, namespace } = plan;
  const { clock, log, signal } = ports;
  const hold = async (): Promise<HeldUpgrade> => {
    const command = upgradeCommand(run, appliesServerSide(ports, active));
    return await holdUpgrade(ports, {
      release,
      namespace,
      scratch,
      maskSecret,
      signal,
      ...command,
    });
  };
  const problemOf = (error: ExecError): HelmProblem => readHelmError(error.stderr, error.message);
  try {
    const held = await retry(hold, {
      clock,
      signal,
      deadlineMs: run.deadlineMs,
      firstDelayMs: 1_000,
      attempts: request.maxRetries + 1,
      transient: (error) => error instanceof ExecError && problemOf(error).transient,
      onRetry: ({ error, attempt, waitMs }) =>
        log.warning(
          `Attempt ${attempt - 1} failed for a passing reason, next in ${formatDuration(waitMs)}: ` +
            problemOf(error as ExecError).message,
        ),
    });
    return { rendered: held.rendered, crdChanges: [], held };
  } catch (error) {
    if (error instanceof ExecError) throw renderError(plan, error);
    const isTwofold =
      error instanceof UnforeseenWriteError || error instanceof NotThroughRelayError;
    if (!isTwofold) throw error;
    log.debug(`${error.message} It is rendered first instead.`);
    return undefined;
  }
}

/**
 * Renders the chart against the cluster. One whose custom resources need its own CRDs first, which
 * Helm's trial run never installs (helm/helm#13159), is rendered without. Throws RenderError.
 */
export async function renderChart(
  run: UpgradeRun,
  active: StoredRevision | undefined,
): Promise<ChartRender> {
  const { ports, request } = run;
  const { plan } = request;
  const held = await heldRender(run, active);
  if (held !== undefined) return held;
  const upgrades = plan.crds === 'upgrade';
  try {
    const options = { timeoutMs: remainingMs(run), signal: ports.signal };
    const rendered = await renderRelease(ports.helm, plan, options);
    const crds = upgrades ? (await template(run, active)).crds : [];
    return { rendered, crdChanges: await findCrdChanges(ports.kube, crds) };
  } catch (error) {
    const mayBring = upgrades || (plan.crds === 'create' && active === undefined);
    const isLate = error instanceof RenderError && error.unknownKind && mayBring;
    const render = isLate ? await renderBeforeCrds(run, active) : undefined;
    if (render === undefined) throw error;
    return render;
  }
}
