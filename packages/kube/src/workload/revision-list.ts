import type { Query } from '../client/index.ts';

/** Where the objects are that tell the revisions of a workload, for a list or a watch. */
export interface RevisionList {
  path: string;
  query: Query & { labelSelector: string };
}

/** The objects of a kind of the group apps that `labelSelector` selects. */
export function appsList(
  namespace: string,
  resource: 'replicasets' | 'controllerrevisions',
  labelSelector: string,
): RevisionList {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  return { path, query: { labelSelector } };
}
