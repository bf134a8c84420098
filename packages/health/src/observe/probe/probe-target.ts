import type { Pod } from '@slipway/kube';
import {
  containerPort,
  kubeletProbes,
  type Container,
  type KubeletProbe,
  type ProbeAction,
} from './kubelet-probe.ts';

/** How pods are asked for their health. */
export interface ProbeRequest {
  /** HTTP paths to ask; `auto` makes the probes that the kubelet makes. */
  paths: readonly string[] | 'auto';
  /** A port's number or name, for `paths`. */
  port: string | undefined;
  /** For `paths`. */
  scheme: 'http' | 'https' | undefined;
  /** How long an answer may take at least; a probe's own limit holds where it is longer. */
  timeoutMs: number;
}

/** One thing that is asked of a pod again and again. */
export interface ProbeTarget extends KubeletProbe {
  /** The same for what is the same in every pod. */
  key: string;
}

/** Proxies that are put beside an application; what they serve is not the application. */
const proxies =
  /^(?:istio-proxy|linkerd-proxy|kuma-sidecar|consul-(?:dataplane|connect-.*)|envoy(?:-sidecar)?|daprd|cloud-?sql-proxy|vault-agent.*|aws-otel-collector|otel-collector|osm-.*)$/;

/**
 * The container that is the application: the one that kubectl takes (annotation
 * kubectl.kubernetes.io/default-container), else the first with a port or a probe of a port that is no
 * known proxy. `own` names the containers of the workload's template: what was put into the pod besides is not it.
 */
export function appContainer(pod: Pod, own?: ReadonlySet<string>): Container | undefined {
  const containers = pod.spec?.containers ?? [];
  const named = pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  const chosen = containers.find(({ name }) => name === named);
  if (chosen !== undefined) return chosen;
  const candidates = containers.filter(
    ({ name }) => !proxies.test(name) && (own === undefined || own.has(name)),
  );
  const answers = ({ ports = [], readinessProbe, livenessProbe }: Container): boolean =>
    ports.length > 0 ||
    [readinessProbe, livenessProbe].some(
      (probe) => probe !== undefined && probe.exec === undefined,
    );
  return candidates.find(answers) ?? candidates[0];
}

type HttpAction = Extract<ProbeAction, { kind: 'http' }>;

const isHttp = (probe: KubeletProbe): probe is KubeletProbe & { action: HttpAction } =>
  probe.action.kind === 'http';

/** A path that was named, asked as the kubelet asks it where it does, else of the application's port. */
function namedTarget(
  path: string,
  pod: Pod,
  request: ProbeRequest,
  own: ReadonlySet<string> | undefined,
): KubeletProbe {
  const app = appContainer(pod, own);
  const probes = kubeletProbes(pod).filter(isHttp);
  const ofApp = probes.filter(({ container }) => container === app?.name);
  const same = [...ofApp, ...probes].find(({ action }) => action.path === path);
  const like = same ?? ofApp[0];
  const containers = [...(app === undefined ? [] : [app]), ...(pod.spec?.containers ?? [])];
  const wanted = request.port;
  const port =
    wanted === undefined
      ? (like?.action.port ?? app?.ports?.[0]?.containerPort)
      : containers.map((one) => containerPort(wanted, one)).find((found) => found !== undefined);
  return {
    container: same?.container ?? app?.name ?? '',
    kinds: same?.kinds ?? [],
    action: {
      kind: 'http',
      scheme: request.scheme ?? like?.action.scheme ?? 'http',
      port,
      path,
      headers: like?.action.headers ?? [],
    },
    timeoutMs: Math.max(request.timeoutMs, same?.timeoutMs ?? 0),
  };
}

function keyed(probe: KubeletProbe): ProbeTarget {
  return { ...probe, key: JSON.stringify([probe.container, probe.kinds, probe.action]) };
}

/** What is asked of one pod. */
export function probeTargets(
  pod: Pod,
  request: ProbeRequest,
  own?: ReadonlySet<string>,
): readonly ProbeTarget[] {
  if (request.paths !== 'auto')
    return request.paths.map((path) => keyed(namedTarget(path, pod, request, own)));
  return kubeletProbes(pod).map((probe) =>
    keyed({ ...probe, timeoutMs: Math.max(request.timeoutMs, probe.timeoutMs) }),
  );
}

function shortName({ action, kinds }: KubeletProbe): string {
  switch (action.kind) {
    case 'http':
      return action.path;
    case 'grpc':
      return `grpc:${action.port}${action.service === '' ? '' : `/${action.service}`}`;
    case 'tcp':
      return `tcp:${action.port ?? '?'}`;
    case 'kubelet':
      return kinds.join(', ');
  }
}

function longName(probe: KubeletProbe): string {
  const { action, container, kinds } = probe;
  const port = action.kind === 'http' ? `:${action.port ?? '?'}` : ' ';
  const of = action.kind === 'http' && action.headers.length > 0 ? ` (${kinds.join(', ')})` : '';
  return `${container}${port}${shortName(probe)}${of}`;
}

/** What each target is called: `probe /readyz`; with its container and port where one path is asked of several. */
export function probeNames(targets: readonly ProbeTarget[]): ReadonlyMap<string, string> {
  const different = [...new Map(targets.map((target) => [target.key, target])).values()];
  const taken = new Map<string, number>();
  for (const target of different)
    taken.set(shortName(target), (taken.get(shortName(target)) ?? 0) + 1);
  return new Map(
    different.map((target) => {
      const isOne = taken.get(shortName(target)) === 1;
      return [target.key, `probe ${isOne ? shortName(target) : longName(target)}`];
    }),
  );
}
