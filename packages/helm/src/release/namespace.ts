import { KubeError, type KubeClient } from '@slipway/kube';

/**
 * Makes the namespace when it is wanted and absent. Helm's own --create-namespace comes too late: the
 * lock of the release lives in the namespace. Without `create` nothing is asked, since many users may
 * not read namespaces.
 */
export async function ensureNamespace(
  kube: KubeClient,
  namespace: string,
  create: boolean,
): Promise<void> {
  if (!create) return;
  try {
    await kube.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    await kube
      .create('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      })
      .catch((inner: unknown) => {
        if (!(inner instanceof KubeError) || inner.reason !== 'AlreadyExists') throw inner;
      });
  }
}
