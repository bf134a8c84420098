import { ExecError } from '@slipway/exec';
import {
  visitObjects,
  parseManifest,
  type ReleaseRecord,
  type StoredRevision,
} from '../release/index.ts';
import { findCrdChanges, type CrdChange } from './chart-crds.ts';
import { RenderError, renderError, renderRelease } from './render.ts';
import { apiVersionsOf, renderTemplate, type TemplateRender } from './template-render.ts';
import { remainingMs, type UpgradeRun } from './upgrade-request.ts';

/** A rendered chart and what has to happen to its CRDs before its objects can be. */
export interface ChartRender {
  rendered: ReleaseRecord;
  /** CRDs that come first: Slipway changes them with `crds: upgrade`, else Helm makes the missing ones. */
  crdChanges: readonly CrdChange[];
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
