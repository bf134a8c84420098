import type { KubeClient } from './kube-client.ts';

/** One thing that a request would do. */
export interface Access {
  verb: string;
  /** The empty string for the core group. */
  group: string;
  /** With its subresource: `pods/proxy`. */
  resource: string;
  namespace: string;
}

/**
 * Whether the credentials allow something, asked of the API server beforehand (SelfSubjectAccessReview,
 * which every authenticated user may create). Undefined when it will not say.
 */
export async function mayAccess(client: KubeClient, access: Access): Promise<boolean | undefined> {
  const [resource = '', subresource] = access.resource.split('/');
  const review = await client
    .create<{ status?: { allowed?: boolean } }>(
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            verb: access.verb,
            group: access.group,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            namespace: access.namespace,
          },
        },
      },
    )
    .catch(() => undefined);
  return review?.status?.allowed;
}
