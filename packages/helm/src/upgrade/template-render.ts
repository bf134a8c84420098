import type { KubeClient } from '@slipway/kube';
import { readYamlDocuments } from '@slipway/yaml';
import {
  templateArguments,
  type HelmRunner,
  type TemplatePart,
  type UpgradePlan,
} from '../tool/index.ts';
import {
  listApiVersions,
  parseManifest,
  type ManifestObject,
  type ReleaseHook,
} from '../release/index.ts';

/** A chart rendered without asking the cluster for the kinds of its objects. */
export interface TemplateRender {
  /** All but CRDs and hooks. */
  manifest: string;
  hooks: readonly ReleaseHook[];
  /** The CRDs in `crds/` of the chart and of its enabled subcharts. */
  crds: readonly ManifestObject[];
}

const sourcePattern = /^# Source: (\S.*)$/m;
/** `app/crds/x.yaml`, `app/charts/sub/crds/x.yaml`; not `app/templates/crds/x.yaml`. */
const crdPattern = /^[^/]+\/(?:charts\/[^/]+\/)*crds\//;

function hookOf(object: ManifestObject): ReleaseHook | undefined {
  const events = object.metadata.annotations?.['helm.sh/hook'];
  if (events === undefined) return undefined;
  return {
    name: object.metadata.name,
    kind: object.kind,
    manifest: object.source,
    events: events.split(',').map((event) => event.trim()),
  };
}

/** Takes what `helm template` prints apart. */
export function readTemplate(printed: string): TemplateRender {
  const manifest: string[] = [];
  const hooks: ReleaseHook[] = [];
  const crds: ManifestObject[] = [];
  // Of several documents in one file of CRDs only the first is headed by its name.
  let from = '';
  for (const { source } of readYamlDocuments(printed, { name: 'The rendered chart' })) {
    from = sourcePattern.exec(source)?.[1] ?? from;
    const objects = parseManifest(source);
    if (crdPattern.test(from)) crds.push(...objects);
    else if (objects[0] !== undefined && hookOf(objects[0]) !== undefined)
      hooks.push(...objects.flatMap((object) => hookOf(object) ?? []));
    else manifest.push(source);
  }
  return { manifest: manifest.map((source) => `---${source}`).join('\n'), hooks, crds };
}

interface CrdSpec {
  group?: string;
  names?: { kind?: string };
  versions?: readonly { name?: string }[];
}

/** What the kinds of CRDs are called in `.Capabilities.APIVersions`: `g/v1` and `g/v1/Kind`. */
export function apiVersionsOf(crds: readonly ManifestObject[]): readonly string[] {
  return crds.flatMap(({ spec }) => {
    const { group = '', names, versions = [] } = (spec ?? {}) as CrdSpec;
    return versions.flatMap(({ name = '' }) => [
      `${group}/${name}`,
      `${group}/${name}/${names?.kind ?? ''}`,
    ]);
  });
}

/**
 * Renders by `helm template`, which never looks up the kinds of what it renders, with the version and
 * the kinds of the cluster and of the chart's own CRDs. With Helm 4 `lookup` finds nothing there. Throws
 * ExecError when the chart does not render so.
 */
export async function renderTemplate(
  tools: { helm: HelmRunner; kube: KubeClient },
  plan: UpgradePlan,
  options: { timeoutMs: number; signal: AbortSignal; isUpgrade: boolean },
): Promise<TemplateRender> {
  const { helm, kube } = tools;
  const [{ gitVersion }, known] = await Promise.all([
    kube.get<{ gitVersion: string }>('/version'),
    listApiVersions(kube),
  ]);
  const { major } = helm.tool;
  const render = async (apiVersions: readonly string[]): Promise<TemplateRender> => {
    const { isUpgrade } = options;
    const told = { major, isUpgrade, kubeVersion: gitVersion, apiVersions };
    const print = async (part: TemplatePart): Promise<TemplateRender> =>
      readTemplate((await helm.run(templateArguments(plan, told, part), options)).stdout);
    if (major === 4 || plan.postRenderer === undefined) return await print('both');
    // Helm 3 would hand CRDs to the post-renderer, too, which no install and no upgrade does.
    const { crds } = await print('crds');
    const { manifest, hooks } = await print('objects');
    return { manifest, hooks, crds };
  };
  const first = await render(known);
  const more = apiVersionsOf(first.crds).filter((one) => !known.includes(one));
  return more.length === 0 ? first : await render([...known, ...more]);
}
