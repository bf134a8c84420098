/** How a field of a built-in kind is merged where the default (maps by key, lists as a whole) is not right. */
export interface MergeRule {
  /** Items of the list are the same when this field of them is. */
  key?: string;
  /** A list of texts that is united instead of replaced. */
  unite?: true;
  /** Of the map, or of each item, only the fields that the new manifest names stay. */
  retainKeys?: true;
  /** A map that is not merged. */
  replace?: true;
}

/**
 * The groups that Helm knows the types of (client-go's scheme and apiextensions). All others are
 * custom to it: their lists are always whole.
 */
const typedGroups = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'extensions',
  'policy',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/** Whether Helm merges objects of this apiVersion strategically; else it sends a JSON merge patch. */
export function isTyped(apiVersion: string): boolean {
  return typedGroups.has(apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');
}

const byName: MergeRule = { key: 'name' };
const retained: MergeRule = { key: 'name', retainKeys: true };

/** The tags `patchStrategy` and `patchMergeKey` of k8s.io/api v0.36, by the name of the field. */
const rules: Readonly<Record<string, MergeRule>> = {
  containers: byName,
  initContainers: byName,
  ephemeralContainers: byName,
  env: byName,
  volumes: retained,
  resourceClaims: retained,
  volumeMounts: { key: 'mountPath' },
  volumeDevices: { key: 'devicePath' },
  hostAliases: { key: 'ip' },
  imagePullSecrets: byName,
  topologySpreadConstraints: { key: 'topologyKey' },
  schedulingGates: byName,
  webhooks: byName,
  matchConditions: byName,
  variables: byName,
  drivers: byName,
  finalizers: { unite: true },
  ownerReferences: { key: 'uid' },
};

/** What only one kind merges so, and what merges by other rules there than its name says. */
const rulesOfPlaces: Readonly<Record<string, MergeRule>> = {
  'Deployment spec.strategy': { retainKeys: true },
  'Service spec.ports': { key: 'port' },
  'ServiceAccount secrets': byName,
  'PodDisruptionBudget spec.selector': { replace: true },
};

/** The rule for the field at `path` (`spec.template.spec.containers`, without indices) of a kind. */
export function mergeRule(kind: string, path: string): MergeRule | undefined {
  if (path.endsWith('ontainers.ports')) return { key: 'containerPort' };
  return rulesOfPlaces[`${kind} ${path}`] ?? rules[path.slice(path.lastIndexOf('.') + 1)];
}
