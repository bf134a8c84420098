import type { Pod } from '@slipway/kube';

type PodSpec = NonNullable<Pod['spec']>;
type PodStatus = NonNullable<Pod['status']>;
type Metadata = NonNullable<Pod['metadata']>;
type Container = PodSpec['containers'][number];
type Probe = NonNullable<Container['readinessProbe']>;
type HttpGet = NonNullable<Probe['httpGet']>;
type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number];
type ContainerState = NonNullable<ContainerStatus['state']>;

/** Of an HTTP probe what is kept: where it asks, in a template also what. Never its host and headers. */
type ProbeFields = readonly (keyof HttpGet)[];

/** The named fields of an object, as far as they are there. */
function only<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  const kept = keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]);
  return Object.fromEntries(kept) as Pick<T, K>;
}

/** `slim` of each of the fields `keys` that is there. */
function each<T extends object, K extends keyof T>(
  object: T,
  keys: readonly K[],
  slim: (value: NonNullable<T[K]>) => NonNullable<T[K]>,
): Partial<Pick<T, K>> {
  const kept = keys.flatMap((key) => {
    const value = object[key];
    return value === undefined || value === null ? [] : [[key, slim(value)]];
  });
  return Object.fromEntries(kept) as Partial<Pick<T, K>>;
}

type SlimProbe = (probe: Probe) => Probe;

const keptProbe =
  (probeFields: ProbeFields): SlimProbe =>
  (probe) => ({
    ...only(probe, ['initialDelaySeconds']),
    ...each(probe, ['httpGet'], (httpGet) => only(httpGet, probeFields) as HttpGet),
  });

/** All that one needs to ask the same, or to tell whether a command asks the service. */
const liveProbe: SlimProbe = (probe) => probe;

function slimContainer(container: Container, slimProbe: SlimProbe): Container {
  return {
    ...only(container, ['name', 'image', 'restartPolicy']),
    ...each(container, ['ports'], (ports) =>
      ports.map((port) => only(port, ['name', 'containerPort', 'protocol'])),
    ),
    ...each(container, ['resources'], (resources) =>
      each(resources, ['limits'], (limits) => only(limits, ['memory'])),
    ),
    ...each(container, ['livenessProbe', 'readinessProbe', 'startupProbe'], slimProbe),
  };
}

function slimPodSpec(spec: PodSpec, slimProbe: SlimProbe): PodSpec {
  const slimContainers = (containers: readonly Container[]): Container[] =>
    containers.map((container) => slimContainer(container, slimProbe));
  return {
    ...only(spec, ['nodeName', 'restartPolicy', 'hostNetwork']),
    ...each(spec, ['readinessGates'], (gates) =>
      gates.map((gate) => only(gate, ['conditionType'])),
    ),
    ...each(spec, ['initContainers'], slimContainers),
    containers: [],
    ...each(spec, ['containers'], slimContainers),
  };
}

function slimState(state: ContainerState): ContainerState {
  return {
    ...each(state, ['waiting'], (waiting) => only(waiting, ['reason', 'message'])),
    ...each(state, ['running'], (running) => only(running, ['startedAt'])),
    ...each(state, ['terminated'], (ended) =>
      only(ended, [
        ...(['exitCode', 'signal', 'reason', 'message'] as const),
        ...(['startedAt', 'finishedAt', 'containerID'] as const),
      ]),
    ),
  };
}

function slimStatus(status: PodStatus): PodStatus {
  return {
    ...only(status, ['phase', 'reason', 'message', 'podIP', 'startTime', 'nominatedNodeName']),
    ...each(status, ['conditions'], (conditions) =>
      conditions.map((condition) =>
        only(condition, ['type', 'status', 'reason', 'message', 'lastTransitionTime']),
      ),
    ),
    ...each(status, ['initContainerStatuses', 'containerStatuses'], (statuses) =>
      statuses.map((container) => ({
        ...only(container, ['name', 'image', 'imageID', 'ready', 'started', 'restartCount']),
        ...each(container, ['state', 'lastState'], slimState),
      })),
    ),
  };
}

function slimMetadata(metadata: Metadata): Metadata {
  return {
    ...only(metadata, ['name', 'namespace', 'uid', 'labels', 'resourceVersion']),
    ...only(metadata, ['creationTimestamp', 'deletionTimestamp']),
    ...each(metadata, ['ownerReferences'], (owners) =>
      owners.map((owner) => only(owner, ['apiVersion', 'kind', 'name', 'uid', 'controller'])),
    ),
  };
}

/**
 * Of a pod only what a judgement rests on, field by field: whatever else it says, or a later Kubernetes
 * adds, may be secret and is never kept. What a container or a condition tells as its message stays, for
 * it is the cause that is shown.
 */
export function slimPod(pod: Pod): Pod {
  return {
    metadata: slimMetadata(pod.metadata ?? {}),
    ...each(pod, ['spec'], (spec) => slimPodSpec(spec, keptProbe(['port', 'scheme']))),
    ...each(pod, ['status'], slimStatus),
  };
}

/** Annotations that tell where Prometheus scrapes, and which container is the application. */
const liveAnnotations = /^(?:prometheus\.io\/|kubectl\.kubernetes\.io\/default-container$)/;

/**
 * Of a pod what is held while it is watched: besides what `slimPod` keeps, its probes with their paths,
 * headers and commands, for who asks the same as the kubelet, and a few annotations. Not to be written down.
 */
export function livePod(pod: Pod): Pod {
  const annotations = Object.entries(pod.metadata?.annotations ?? {}).filter(([name]) =>
    liveAnnotations.test(name),
  );
  return {
    ...slimPod(pod),
    metadata: {
      ...slimMetadata(pod.metadata ?? {}),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
    ...each(pod, ['spec'], (spec) => slimPodSpec(spec, liveProbe)),
  };
}

/** The spec of a template, slimmed likewise; the paths of its probes stay, which our own probes ask. */
export function slimTemplate(spec: PodSpec): PodSpec {
  return slimPodSpec(spec, keptProbe(['path', 'port', 'scheme']));
}
