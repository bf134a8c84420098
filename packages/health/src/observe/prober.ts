import type { KubeClient, Pod } from '@slipway/kube';
import {
  newProbeRecord,
  recordProbe,
  type ProbeOutcome,
  type ProbeRecord,
} from '../findings/index.ts';

/** How pods are asked for their health. */
export interface ProbeRequest {
  /** A port's number or name; undefined takes that of the readiness probe, else the first port. */
  port: string | undefined;
  /** Undefined takes that of the readiness probe, else http. */
  scheme: 'http' | 'https' | undefined;
  timeoutMs: number;
}

/** Probes pods and remembers what came of it. */
export interface Prober {
  /** Asks every path of every pod once. */
  probe(pods: readonly Pod[], paths: readonly string[]): Promise<void>;
  records(path: string, pods: readonly Pod[]): readonly ProbeRecord[];
}

const atOnce = 8;

type Container = NonNullable<Pod['spec']>['containers'][number];

function portNumber(wanted: string | number, containers: readonly Container[]): number | undefined {
  const number = Number(wanted);
  if (Number.isInteger(number) && number > 0) return number;
  return containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === wanted)
    ?.containerPort;
}

/** The paths of the HTTP probes that the kubelet itself makes, without duplicates. */
export function ownProbePaths(spec: NonNullable<Pod['spec']> | undefined): readonly string[] {
  const paths = (spec?.containers ?? []).flatMap(({ readinessProbe, livenessProbe }) =>
    [readinessProbe, livenessProbe].flatMap((probe) =>
      probe?.httpGet === undefined ? [] : [probe.httpGet.path ?? '/'],
    ),
  );
  return [...new Set(paths)];
}

/** Where a pod is probed, by the request and the pod's own readiness probe. */
export function probeAddress(
  pod: Pod,
  request: ProbeRequest,
): { port: number; scheme: 'http' | 'https' } | undefined {
  const containers = pod.spec?.containers ?? [];
  const readiness = containers
    .map(({ readinessProbe }) => readinessProbe?.httpGet)
    .find((http) => http !== undefined);
  const own = readiness?.port;
  const wanted =
    request.port ?? own ?? containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  const port = wanted === undefined ? undefined : portNumber(wanted, containers);
  const scheme =
    request.scheme ?? (readiness?.scheme?.toLowerCase() === 'https' ? 'https' : 'http');
  return port === undefined ? undefined : { port, scheme };
}

function throughProxy(status: number, message: string): ProbeOutcome {
  if (status === 403)
    return {
      kind: 'unasked',
      settled: true,
      why: `these credentials lack the verb get on pods/proxy (${message})`,
    };
  if (/connection refused|connection reset|EOF|context deadline/i.test(message))
    return { kind: 'no-answer', why: message.replace(/^error trying to reach service: /, '') };
  return { kind: 'unasked', settled: false, why: message };
}

/** A prober through the API server's pod proxy. Its `probe` throws KubeError when that is not there. */
export function createProber(client: KubeClient, request: ProbeRequest): Prober {
  const known = new Map<string, ProbeRecord>();
  let reached = false;
  const key = (pod: Pod, path: string): string => `${pod.metadata?.uid ?? ''} ${path}`;

  const ask = async (pod: Pod, path: string): Promise<ProbeOutcome> => {
    const address = probeAddress(pod, request);
    if (address === undefined)
      return { kind: 'unasked', settled: true, why: 'it has no such port; set probe-port' };
    const answer = await client.podProxy({
      namespace: pod.metadata?.namespace ?? '',
      pod: pod.metadata?.name ?? '',
      path,
      timeoutMs: request.timeoutMs,
      maxBytes: 4_096,
      ...address,
    });
    if (answer.from === 'pod') {
      reached = true;
      return { kind: 'answered', ...answer };
    }
    if (answer.from === 'api-server') {
      // The pod went away between the list and the request: not a failure of the pod.
      if (answer.status === 404) return { kind: 'unasked', settled: false, why: answer.body };
      return throughProxy(answer.status, answer.body);
    }
    const why = `no answer within ${request.timeoutMs / 1000} s`;
    // Until any pod has answered, silence may be the network between the API server and the pods.
    return reached ? { kind: 'no-answer', why } : { kind: 'unasked', settled: false, why };
  };

  return {
    probe: async (pods, paths) => {
      const tasks = pods.flatMap((pod) => paths.map((path) => ({ pod, path })));
      const worker = async (): Promise<void> => {
        for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
          const { pod, path } = task;
          const before =
            known.get(key(pod, path)) ?? newProbeRecord(pod.metadata?.name ?? '', path);
          known.set(key(pod, path), recordProbe(before, await ask(pod, path)));
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, worker));
    },
    records: (path, pods) =>
      pods.map(
        (pod) => known.get(key(pod, path)) ?? newProbeRecord(pod.metadata?.name ?? '', path),
      ),
  };
}
