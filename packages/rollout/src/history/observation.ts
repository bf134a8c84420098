import type { Change, KubeEvent, Pod, Workload } from '@slipway/kube';

/**
 * One thing that was seen of a rollout, at `atMs` (milliseconds since 1970 by this machine's clock). Plain
 * JSON: a list of them is a recording, and what is true of a rollout follows from its recording alone.
 */
export type Observation =
  /** The workload was read; undefined when it was not there. */
  | { kind: 'workload'; atMs: number; workload: Workload | undefined }
  | { kind: 'pod'; atMs: number; change: PodChange; pod: Pod }
  /** Events of what does not serve, newest first; they replace those known. */
  | { kind: 'events'; atMs: number; events: readonly KubeEvent[] };

/** What a watch says of a pod. */
export type PodChange = Exclude<Change<Pod>['type'], 'SYNC' | 'LOST'>;

type Container = NonNullable<Pod['spec']>['containers'][number];

type Probe = NonNullable<Container['readinessProbe']>;

/** The probe without its headers and its command, which may carry a token. */
function slimProbe(probe: Probe | undefined): Probe | undefined {
  if (probe === undefined) return undefined;
  const { exec, httpGet, ...kept } = probe;
  if (httpGet === undefined) return kept;
  const { httpHeaders, ...address } = httpGet;
  return { ...kept, httpGet: address };
}

/** What of a container tells how it is run; not its environment, command or arguments. */
function slimContainer(container: Container): Container {
  const { name, image, ports, resources, restartPolicy } = container;
  const livenessProbe = slimProbe(container.livenessProbe);
  const readinessProbe = slimProbe(container.readinessProbe);
  const startupProbe = slimProbe(container.startupProbe);
  const kept = { image, ports, resources, restartPolicy };
  return { name, ...defined({ ...kept, livenessProbe, readinessProbe, startupProbe }) };
}

function defined<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}

/**
 * The pod without what no judgement needs: environment, arguments, and headers and commands of probes may
 * hold secrets; annotations and managed fields are most of its size.
 */
export function slimPod(pod: Pod): Pod {
  const { metadata = {}, spec, status } = pod;
  const { name, namespace, uid, labels, ownerReferences, resourceVersion } = metadata;
  const { creationTimestamp, deletionTimestamp } = metadata;
  const named = { name, namespace, uid, labels, ownerReferences, resourceVersion };
  return {
    metadata: defined({ ...named, creationTimestamp, deletionTimestamp }),
    ...(spec === undefined ? {} : { spec: slimSpec(spec) }),
    ...(status === undefined ? {} : { status }),
  };
}

/** A pod's or a template's spec, slimmed likewise. */
export function slimSpec(spec: NonNullable<Pod['spec']>): NonNullable<Pod['spec']> {
  const { nodeName, restartPolicy, readinessGates, hostNetwork, initContainers } = spec;
  return {
    containers: spec.containers.map(slimContainer),
    ...defined({ nodeName, restartPolicy, readinessGates, hostNetwork }),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(slimContainer) }),
  };
}
