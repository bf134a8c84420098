/** One kind of object that the server knows. */
export interface Kind {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  /** In the plural, as in paths. */
  resource: string;
  namespaced: boolean;
  /** Whether `status` is written through its own path only. */
  status: boolean;
  /** Whether `metadata.generation` counts the changes of `spec`. */
  generation: boolean;
}

type Trait = 'cluster' | 'status' | 'generation';

function kind(apiVersion: string, name: string, resource: string, ...traits: Trait[]): Kind {
  const [first = '', second] = apiVersion.split('/');
  return {
    group: second === undefined ? '' : first,
    version: second ?? first,
    kind: name,
    resource,
    namespaced: !traits.includes('cluster'),
    status: traits.includes('status'),
    generation: traits.includes('generation'),
  };
}

/** The kinds of Kubernetes itself that releases are made of. */
export const builtInKinds: readonly Kind[] = [
  kind('v1', 'Namespace', 'namespaces', 'cluster', 'status'),
  kind('v1', 'Pod', 'pods', 'status', 'generation'),
  kind('v1', 'ConfigMap', 'configmaps'),
  kind('v1', 'Secret', 'secrets'),
  kind('v1', 'Service', 'services', 'status'),
  kind('v1', 'ServiceAccount', 'serviceaccounts'),
  kind('v1', 'Event', 'events'),
  kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', 'status'),
  kind('v1', 'ResourceQuota', 'resourcequotas', 'status'),
  kind('apps/v1', 'Deployment', 'deployments', 'status', 'generation'),
  kind('apps/v1', 'ReplicaSet', 'replicasets', 'status', 'generation'),
  kind('apps/v1', 'StatefulSet', 'statefulsets', 'status', 'generation'),
  kind('apps/v1', 'DaemonSet', 'daemonsets', 'status', 'generation'),
  kind('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  kind('batch/v1', 'Job', 'jobs', 'status', 'generation'),
  kind('batch/v1', 'CronJob', 'cronjobs', 'status', 'generation'),
  kind('networking.k8s.io/v1', 'Ingress', 'ingresses', 'status', 'generation'),
  kind('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'status', 'generation'),
  kind('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  kind('coordination.k8s.io/v1', 'Lease', 'leases'),
  kind('events.k8s.io/v1', 'Event', 'events'),
];

/** `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `leases.coordination.k8s.io`, as the API server names a resource in its messages. */
export function resourceName({ group, resource }: Pick<Kind, 'group' | 'resource'>): string {
  return group === '' ? resource : `${resource}.${group}`;
}
