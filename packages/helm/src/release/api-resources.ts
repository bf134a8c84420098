import { KubeError, type KubeClient } from '@slipway/kube';
import type { ManifestObject } from './manifest.ts';

/** Finds the API path of an object whose kind is known only at run time. */
export interface ApiResources {
  /** Undefined when the server does not know the kind. */
  pathOf(object: ManifestObject, namespace: string): Promise<string | undefined>;
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/** Asks the server once for each group and version. */
export function discoverResources(kube: KubeClient): ApiResources {
  const lists = new Map<string, Promise<ResourceList | undefined>>();
  const listOf = (apiVersion: string): Promise<ResourceList | undefined> => {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = lists.get(root);
    if (known !== undefined) return known;
    const asked = kube.get<ResourceList>(root).catch((error: unknown) => {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    });
    lists.set(root, asked);
    return asked;
  };
  return {
    pathOf: async (object, namespace) => {
      const list = await listOf(object.apiVersion);
      const resource = list?.resources.find(
        ({ kind, name }) => kind === object.kind && !name.includes('/'),
      );
      if (resource === undefined) return undefined;
      const root = object.apiVersion.includes('/')
        ? `/apis/${object.apiVersion}`
        : `/api/${object.apiVersion}`;
      const within = resource.namespaced
        ? `/namespaces/${encodeURIComponent(object.metadata.namespace ?? namespace)}`
        : '';
      return `${root}${within}/${resource.name}/${encodeURIComponent(object.metadata.name)}`;
    },
  };
}

interface ApiGroups {
  groups: { versions: { groupVersion: string }[] }[];
}

/**
 * What the cluster serves, as Helm's `.Capabilities.APIVersions` has it: `apps/v1` and
 * `apps/v1/Deployment`. Groups whose own server is away are left out, as Helm does.
 */
export async function listApiVersions(kube: KubeClient): Promise<readonly string[]> {
  const { groups } = await kube.get<ApiGroups>('/apis');
  const versions = ['v1', ...groups.flatMap((group) => group.versions.map((v) => v.groupVersion))];
  const lists = await Promise.all(
    versions.map(async (version) => {
      const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
      const list = await kube.get<ResourceList>(root).catch((error: unknown) => {
        if (error instanceof KubeError && error.status >= 404) return undefined;
        throw error;
      });
      return list?.resources.map(({ kind }) => `${version}/${kind}`) ?? [];
    }),
  );
  return [...new Set([...versions, ...lists.flat()])];
}
