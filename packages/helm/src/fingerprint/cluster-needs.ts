import { KubeError, type KubeClient } from '@slipway/kube';
import { listApiVersions } from '../release/index.ts';
import type { HelmRunner } from '../tool/index.ts';
import { digestOf, type RenderInputs } from './render-inputs.ts';

/** Every group with its kinds in one answer (Kubernetes 1.27; KEP-3352). Other servers give their usual answer. */
const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

interface DiscoveryList {
  kind?: string;
  items?: readonly {
    metadata?: { name?: string };
    versions?: readonly {
      version?: string;
      freshness?: string;
      resources?: readonly { responseKind?: { kind?: string } }[];
    }[];
  }[];
}

/** The kinds of one answer, as `apps/v1/Deployment`; undefined when the server of a group is away. */
function kindsIn({ items = [] }: DiscoveryList): readonly string[] | undefined {
  const versions = items.flatMap(({ metadata, versions: all = [] }) =>
    all.map((one) => ({ ...one, name: `${metadata?.name ?? ''}/${one.version ?? ''}` })),
  );
  if (versions.some(({ freshness }) => freshness === 'Stale')) return undefined;
  return versions.flatMap(({ name, resources = [] }) => [
    name,
    ...resources.map(({ responseKind }) => `${name}/${responseKind?.kind ?? ''}`),
  ]);
}

/** What the cluster serves; undefined when that is not known for sure. */
async function servedKinds(kube: KubeClient): Promise<readonly string[] | undefined> {
  const lists = await Promise.all(
    ['/api', '/apis'].map((root) => kube.get<DiscoveryList>(root, undefined, aggregated)),
  );
  if (lists.some(({ kind }) => kind !== 'APIGroupDiscoveryList')) {
    const kinds = await listApiVersions(kube);
    return kinds.toSorted();
  }
  const [core, groups] = lists.map(kindsIn);
  return core === undefined || groups === undefined ? undefined : [...core, ...groups].toSorted();
}

/**
 * The digest of all that decides what a chart renders to, Helm's version and the cluster included, as far as its
 * templates ask for that. Undefined when the cluster does not tell.
 */
export async function readOrigin(
  { kube, helm }: { kube: KubeClient; helm: Pick<HelmRunner, 'tool'> },
  { digest, needs }: RenderInputs,
): Promise<string | undefined> {
  try {
    const [version, kinds] = await Promise.all([
      needs.kubeVersion ? kube.get<unknown>('/version') : undefined,
      needs.kinds ? servedKinds(kube) : [],
    ]);
    return kinds === undefined
      ? undefined
      : digestOf([digest, helm.tool.version, version ?? '', kinds]);
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
