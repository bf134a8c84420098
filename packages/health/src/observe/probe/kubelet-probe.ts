import type { Pod } from '@slipway/kube';

/** What a probe is for. */
export type ProbeKind = 'readiness' | 'liveness' | 'startup';

/** What a probe does. An undefined port is one that the container does not have. */
export type ProbeAction =
  | {
      kind: 'http';
      scheme: 'http' | 'https';
      port: number | undefined;
      /** With its query; begins with a slash. */
      path: string;
      headers: readonly (readonly [name: string, value: string])[];
    }
  | { kind: 'grpc'; port: number; service: string }
  | { kind: 'tcp'; port: number | undefined }
  /** Only the kubelet can make it: a command in the container, or a request to another host than the pod. */
  | { kind: 'kubelet'; what: string };

/** One probe of one container, as the kubelet makes it. */
export interface KubeletProbe {
  container: string;
  /** Kinds that ask the same. */
  kinds: readonly ProbeKind[];
  action: ProbeAction;
  /** `timeoutSeconds`. */
  timeoutMs: number;
}

/** A container of a pod. */
export type Container = NonNullable<Pod['spec']>['containers'][number];
type Probe = NonNullable<Container['readinessProbe']>;
type HttpGet = NonNullable<Probe['httpGet']>;

/**
 * The containers that run for as long as their pod, native sidecars among them (init containers that
 * always restart, since Kubernetes 1.28).
 */
export function lastingContainers(pod: Pod): readonly Container[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  return [...(pod.spec?.containers ?? []), ...sidecars];
}

/** A port by its name or number, in one container (k8s.io/kubernetes, pkg/probe/util.go). */
export function containerPort(wanted: string | number, container: Container): number | undefined {
  const named = (container.ports ?? []).find(({ name }) => name === wanted)?.containerPort;
  if (named !== undefined) return named;
  const number = Number(wanted);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : undefined;
}

function httpAction(http: HttpGet, container: Container): ProbeAction {
  const path = http.path ?? '/';
  if (http.host !== undefined && http.host !== '')
    return { kind: 'kubelet', what: `a request to the host ${http.host}` };
  return {
    kind: 'http',
    scheme: http.scheme?.toLowerCase() === 'https' ? 'https' : 'http',
    port: containerPort(http.port, container),
    path: path.startsWith('/') ? path : `/${path}`,
    headers: (http.httpHeaders ?? []).map(({ name, value }) => [name, value] as const),
  };
}

function actionOf(probe: Probe, container: Container): ProbeAction {
  if (probe.httpGet !== undefined) return httpAction(probe.httpGet, container);
  if (probe.grpc !== undefined)
    return { kind: 'grpc', port: probe.grpc.port, service: probe.grpc.service ?? '' };
  if (probe.tcpSocket !== undefined) {
    const { host, port } = probe.tcpSocket;
    return host === undefined || host === ''
      ? { kind: 'tcp', port: containerPort(port, container) }
      : { kind: 'kubelet', what: `a connection to the host ${host}` };
  }
  return { kind: 'kubelet', what: 'a command in the container' };
}

/** The probes of a container; those that ask the same are one. */
function probesOf(container: Container): readonly KubeletProbe[] {
  const { readinessProbe, livenessProbe, startupProbe } = container;
  const given: readonly (readonly [ProbeKind, Probe | undefined])[] = [
    ['readiness', readinessProbe],
    ['liveness', livenessProbe],
    ['startup', startupProbe],
  ];
  const probes = new Map<string, KubeletProbe>();
  for (const [kind, probe] of given) {
    if (probe === undefined) continue;
    const action = actionOf(probe, container);
    // What only the kubelet sees is told by another field of the status for each kind.
    const key = JSON.stringify(action.kind === 'kubelet' ? [action, kind] : action);
    const before = probes.get(key);
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1_000;
    probes.set(key, {
      container: container.name,
      kinds: [...(before?.kinds ?? []), kind],
      action,
      timeoutMs: Math.max(before?.timeoutMs ?? 0, timeoutMs),
    });
  }
  return [...probes.values()];
}

/** All probes that the kubelet makes of a pod, container by container. */
export function kubeletProbes(pod: Pod): readonly KubeletProbe[] {
  return lastingContainers(pod).flatMap(probesOf);
}
