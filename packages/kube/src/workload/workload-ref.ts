/** The kinds of workload whose rollout and pods can be followed; a `pod` is one that no controller made. */
export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'job' | 'rollout' | 'pod';

/** One workload by name. */
export interface WorkloadRef {
  kind: WorkloadKind;
  name: string;
  namespace: string;
}

const kinds: Readonly<Record<string, WorkloadKind>> = {
  deployment: 'deployment',
  deployments: 'deployment',
  'deployment.apps': 'deployment',
  deploy: 'deployment',
  statefulset: 'statefulset',
  statefulsets: 'statefulset',
  'statefulset.apps': 'statefulset',
  sts: 'statefulset',
  daemonset: 'daemonset',
  daemonsets: 'daemonset',
  'daemonset.apps': 'daemonset',
  ds: 'daemonset',
  job: 'job',
  jobs: 'job',
  'job.batch': 'job',
  rollout: 'rollout',
  rollouts: 'rollout',
  'rollout.argoproj.io': 'rollout',
  ro: 'rollout',
};

const groups = {
  deployment: ['apps', 'v1', 'deployments'],
  statefulset: ['apps', 'v1', 'statefulsets'],
  daemonset: ['apps', 'v1', 'daemonsets'],
  job: ['batch', 'v1', 'jobs'],
  rollout: ['argoproj.io', 'v1alpha1', 'rollouts'],
  pod: ['', 'v1', 'pods'],
} as const;

/** `deployment/api` (kubectl's short names too; a bare name is a deployment). Throws on anything else. */
export function parseWorkload(text: string, namespace: string): WorkloadRef {
  const [first = '', second, ...more] = text.trim().split('/');
  const kind = second === undefined ? 'deployment' : kinds[first.toLowerCase()];
  const name = second ?? first;
  if (kind === undefined || more.length > 0)
    throw new Error(
      `${JSON.stringify(text)} is not a workload; write deployment/NAME, statefulset/NAME, daemonset/NAME, job/NAME or, of Argo Rollouts, rollout/NAME.`,
    );
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name))
    throw new Error(`${JSON.stringify(name)} is not the name of a Kubernetes object.`);
  return { kind, name, namespace };
}

/** The API path of a workload, or of all of its kind in the namespace when `name` is left out. */
export function workloadPath(ref: Omit<WorkloadRef, 'name'> & { name?: string }): string {
  const [group, version, plural] = groups[ref.kind];
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const base = `${root}/namespaces/${encodeURIComponent(ref.namespace)}/${plural}`;
  return ref.name === undefined ? base : `${base}/${encodeURIComponent(ref.name)}`;
}

/** The API group and resource of a kind, for access reviews. */
export function workloadResource(kind: WorkloadKind): { group: string; resource: string } {
  const [group, , resource] = groups[kind];
  return { group, resource };
}
