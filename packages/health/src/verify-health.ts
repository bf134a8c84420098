import {
  KubeError,
  readLogTail,
  type KubeClient,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import type { PodRecord } from '@slipway/rollout';
import { clusterOutage } from './findings/index.ts';
import {
  createClusterObserver,
  type ClusterObserver,
  createMetricsObserver,
  type MetricsRequest,
  type ProbeRequest,
} from './observe/index.ts';
import { judge, type Finding, type Judgement, type Progress } from './judge/index.ts';
import { progressLine } from './progress-line.ts';

/** What is verified and how patiently. Durations in milliseconds. */
export interface VerifyRequest {
  workload: WorkloadRef;
  /** HTTP paths asked of every new pod; `auto` takes those that the kubelet asks. */
  probePaths: readonly string[] | 'auto';
  probes: ProbeRequest;
  /** Undefined leaves metrics out. */
  metrics: Omit<MetricsRequest, 'workload'> | undefined;
  /** How long everything must be well without a break. */
  minSoakMs: number;
  /** When the verification ends whatever is known by then. */
  deadlineMs: number;
  /** Pause between two looks. */
  intervalMs: number;
}

/** The verdict, and what it was about. */
export interface VerifyResult extends Judgement {
  elapsedMs: number;
  soakedMs: number;
  /** Names of the new pods that were judged. */
  pods: readonly string[];
  /** As it was last read; undefined when it never was. */
  workload: Workload | undefined;
}

/** What a verification needs of the world. */
export interface VerifyPorts {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

const heartbeatMs = 15_000;

/**
 * Watches a workload's new pods until the verdict is certain, at the latest until the deadline. Failures
 * of the cluster and of Prometheus become findings; it throws only the signal's reason and our own bugs.
 */
export async function verifyHealth(
  ports: VerifyPorts,
  request: VerifyRequest,
): Promise<VerifyResult> {
  const { clock, signal } = ports;
  const beganMs = clock.now();
  const cluster = createClusterObserver(ports, request);
  const metrics =
    request.metrics === undefined
      ? undefined
      : createMetricsObserver({ ...request.metrics, workload: request.workload });
  const tell = teller(ports);
  const progress = (): Progress => ({
    elapsedMs: clock.now() - beganMs,
    soakedMs: cluster.soakedMs(),
    minSoakMs: request.minSoakMs,
    deadlineMs: request.deadlineMs,
  });

  try {
    for (;;) {
      signal.throwIfAborted();
      // One instant for the whole look: a deadline that passes while it goes on is the next look's.
      const { elapsedMs } = progress();
      const seen = (): Progress => ({ ...progress(), elapsedMs });
      const findings = await lookAtCluster(cluster, seen());
      if (metrics !== undefined && !findings.some(({ state }) => state === 'bad')) {
        const over = elapsedMs >= request.deadlineMs;
        const present = cluster.pods().filter(({ leaving }) => !leaving);
        findings.push(...(await metrics.look(present, { nowMs: clock.now(), over })));
      }
      signal.throwIfAborted();
      tell(findings, seen());
      const judged = judge(findings, seen());
      if (judged !== undefined)
        return {
          ...(await withLog(ports, request.workload.namespace, judged, cluster.pods())),
          elapsedMs: progress().elapsedMs,
          soakedMs: cluster.soakedMs(),
          pods: cluster.pods().map(({ pod }) => pod.metadata?.name ?? ''),
          workload: cluster.workload(),
        };
      const leftMs = request.deadlineMs - progress().elapsedMs;
      await clock.sleep(Math.max(50, Math.min(request.intervalMs, leftMs)), signal);
    }
  } finally {
    await cluster.stop();
  }
}

async function lookAtCluster(cluster: ClusterObserver, progress: Progress): Promise<Finding[]> {
  try {
    return [...(await cluster.look(progress))];
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return [clusterOutage(error, cluster.everSeen(), progress.elapsedMs)];
  }
}

/** Tells the log when a state has changed, and otherwise now and then that it goes on. */
function teller(ports: VerifyPorts): (findings: readonly Finding[], progress: Progress) => void {
  let told = '';
  let toldMs = -Infinity;
  return (findings, progress) => {
    const nowMs = ports.clock.now();
    const states = findings.map(({ check, state }) => `${check} ${state}`).join();
    if (states === told && nowMs - toldMs < heartbeatMs) return;
    told = states;
    toldMs = nowMs;
    ports.log.info(progressLine(findings, progress));
  };
}

/** Adds the end of the log to what is bad about one pod, when it is not there yet. */
async function withLog(
  ports: VerifyPorts,
  namespace: string,
  judged: Judgement,
  pods: readonly PodRecord[],
): Promise<Judgement> {
  const bad = judged.findings.find(({ state }) => state === 'bad');
  const record = pods.find(
    ({ pod }) => bad?.detail.includes(`pod/${pod.metadata?.name ?? ''}`) === true,
  );
  const container = record?.ends.at(-1)?.container ?? record?.pod.spec?.containers[0]?.name;
  if (bad?.logTail !== undefined || record === undefined || container === undefined) return judged;
  const pod = record.pod.metadata?.name ?? '';
  const logTail = await readLogTail(ports.client, { namespace, pod, container }).catch(
    () => undefined,
  );
  ports.signal.throwIfAborted();
  if (logTail === undefined) return judged;
  const findings = judged.findings.map((finding) =>
    finding === bad ? { ...finding, logTail } : finding,
  );
  return { ...judged, findings };
}
