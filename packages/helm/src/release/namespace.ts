import { KubeError, type KubeClient } from '@slipway/kube';

/** Whether and how a namespace is made. */
export interface NamespaceWish {
  create: boolean;
  /** Of a namespace that is made; one that is there keeps its own. */
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/**
 * Makes the namespace when it is wanted and absent. Helm's own --create-namespace comes too late: the
 * lock of the release lives in the namespace. Without `create` nothing is asked, since many users may
 * not read namespaces.
 */
export async function ensureNamespace(
  kube: KubeClient,
  namespace: string,
  wanted: NamespaceWish,
): Promise<void> {
  const { create, labels, annotations } = wanted;
  if (!create) return;
  try {
    await kube.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    await kube
      .create('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels, annotations },
      })
      .catch((inner: unknown) => {
        if (!(inner instanceof KubeError) || inner.reason !== 'AlreadyExists') throw inner;
      });
  }
}
