import {
  causeText,
  KubeError,
  readCauses,
  readLogTail,
  readWorkload,
  type Cause,
  type KubeClient,
  type Workload,
  type WorkloadRef,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import { formatDuration } from '@slipway/runtime';
import { judge } from './judge.ts';
import { createMetricsObserver, type MetricsRequest } from './metrics-observer.ts';
import { podFinding } from './pod-findings.ts';
import type { PodRecord } from './pod-history.ts';
import { watchPods, type PodWatch } from './pod-watch.ts';
import { missingRights } from './preflight.ts';
import { probeFinding } from './probe-findings.ts';
import { createProber, type ProbeRequest } from './prober.ts';
import { progressLine } from './progress-line.ts';
import { rolloutFinding } from './rollout-findings.ts';
import type { Finding, Judgement, Progress } from './verdict.ts';

/** What is verified and how patiently. Durations in milliseconds. */
export interface VerifyRequest {
  workload: WorkloadRef;
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

export interface VerifyPorts {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** An API server that never answered in this long is taken for absent. */
const neverReachedMs = 30_000;
/** A gap in what was seen of the cluster that ends a soak. */
const gapMs = 10_000;
const causesEveryMs = 3_000;
const heartbeatMs = 15_000;

/**
 * Watches a workload's new pods until the verdict is certain, at the latest until the deadline. Failures
 * of the cluster and of Prometheus become findings; it throws only the signal's reason and our own bugs.
 */
export async function verifyHealth(
  ports: VerifyPorts,
  request: VerifyRequest,
): Promise<VerifyResult> {
  const { client, clock, log, signal } = ports;
  const beganMs = clock.now();
  const prober = createProber(client, request.probes);
  const metrics =
    request.metrics === undefined
      ? undefined
      : createMetricsObserver({ ...request.metrics, workload: request.workload });
  let watch: PodWatch | undefined;
  let workload: Workload | undefined;
  let revision: string | undefined;
  let soakBeganMs: number | undefined;
  let seenMs: number | undefined;
  let causes: { cause: Cause; sinceMs: number }[] = [];
  let causesReadMs = -Infinity;
  let told = '';
  let toldMs = beganMs;
  let checkedRights = false;

  const currentPods = (): PodRecord[] =>
    [...(watch?.history().values() ?? [])].filter(({ pod }) => workload?.isCurrent(pod) === true);
  const progress = (): Progress => {
    const nowMs = clock.now();
    return {
      elapsedMs: nowMs - beganMs,
      soakedMs: soakBeganMs === undefined ? 0 : nowMs - soakBeganMs,
      minSoakMs: request.minSoakMs,
      deadlineMs: request.deadlineMs,
    };
  };
  const refreshCauses = async (of: Workload, pods: readonly PodRecord[]): Promise<void> => {
    const nowMs = clock.now();
    if (nowMs - causesReadMs < causesEveryMs) return;
    causesReadMs = nowMs;
    try {
      const present = pods.filter(({ leaving }) => !leaving).map(({ pod }) => pod);
      const found = await readCauses(client, of, present);
      const same = (a: Cause, b: Cause): boolean => a.object === b.object && a.reason === b.reason;
      causes = found.map((cause) => ({
        cause,
        sinceMs: causes.find((known) => same(known.cause, cause))?.sinceMs ?? nowMs,
      }));
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      log.debug(`Causes could not be read: ${error.message}`);
    }
  };

  const lookAtCluster = async (): Promise<Finding[]> => {
    if (!checkedRights) {
      const { needed, helpful } = await missingRights(client, request.workload);
      checkedRights = true;
      if (helpful.length > 0)
        log.info(`Causes may stay unnamed: these credentials lack ${helpful.join(', ')}.`);
      if (needed.length > 0) return [lacking(needed, request.workload.namespace)];
    }
    const fresh = await readWorkload(client, request.workload);
    workload = fresh;
    watch ??= watchPods(ports, fresh, signal);
    const failure = watch.failure();
    if (failure !== undefined) throw failure as Error;
    if (revision !== undefined && fresh.revision !== undefined && fresh.revision !== revision)
      return [superseded(revision, fresh.revision)];
    revision = fresh.revision ?? revision;

    const pods = currentPods();
    const present = pods.filter(({ leaving }) => !leaving);
    const askable = present.filter(({ everReady }) => everReady).map(({ pod }) => pod);
    const steady = (): boolean =>
      fresh.rollout.done && present.length > 0 && present.every(({ ready }) => ready);
    await Promise.all([
      request.probes.paths.length > 0 ? prober.probe(askable) : undefined,
      steady() ? undefined : refreshCauses(fresh, pods),
    ]);
    const nowMs = clock.now();
    if (steady()) causes = [];
    const findings = [
      rolloutFinding(
        {
          status: fresh.rollout,
          desired: fresh.desired,
          causes: causes.map(({ cause, sinceMs }) => ({ cause, forMs: nowMs - sinceMs })),
        },
        progress(),
      ),
      podFinding(pods, causesByPod(causes), fresh.desired, nowMs),
      ...request.probes.paths.map((path) =>
        probeFinding(path, prober.records(path, askable), present.length),
      ),
    ];
    const answered = request.probes.paths.every((path) =>
      prober.records(path, askable).every(({ inARow }) => inARow === 0),
    );
    if (!steady() || !answered || nowMs - (seenMs ?? nowMs) > gapMs) soakBeganMs = undefined;
    else soakBeganMs ??= nowMs;
    seenMs = nowMs;
    return findings;
  };

  const tell = (findings: readonly Finding[]): void => {
    const nowMs = clock.now();
    const states = findings.map(({ check, state }) => `${check} ${state}`).join();
    if (states === told && nowMs - toldMs < heartbeatMs) return;
    told = states;
    toldMs = nowMs;
    log.info(progressLine(findings, progress()));
  };

  try {
    for (;;) {
      signal.throwIfAborted();
      const findings: Finding[] = [];
      try {
        findings.push(...(await lookAtCluster()));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof KubeError)) throw error;
        findings.push(clusterOutage(error, seenMs, clock.now() - beganMs));
      }
      if (metrics !== undefined && !findings.some(({ state }) => state === 'bad')) {
        const over = clock.now() - beganMs >= request.deadlineMs;
        const present = currentPods().filter(({ leaving }) => !leaving);
        findings.push(...(await metrics.look(present, { nowMs: clock.now(), over })));
      }
      tell(findings);
      const judged = judge(findings, progress());
      if (judged !== undefined) {
        const { elapsedMs, soakedMs } = progress();
        log.debug(`Judged after ${formatDuration(elapsedMs)}.`);
        return {
          ...(await withLog(ports, request.workload.namespace, judged, currentPods())),
          elapsedMs,
          soakedMs,
          pods: currentPods().map(({ pod }) => pod.metadata?.name ?? ''),
          workload,
        };
      }
      const leftMs = request.deadlineMs - (clock.now() - beganMs);
      await clock.sleep(Math.max(50, Math.min(request.intervalMs, leftMs)), signal);
    }
  } finally {
    await watch?.stop();
  }
}

function lacking(rights: readonly string[], namespace: string): Finding {
  return {
    check: 'rights',
    state: 'blind',
    final: true,
    detail: `these credentials lack ${rights.join(', ')} in namespace ${namespace}`,
    wouldChange: 'a role with these rights',
    next: 'Give the service account the role in the README of verify-health.',
  };
}

function superseded(before: string, now: string): Finding {
  return {
    check: 'revision',
    state: 'blind',
    final: true,
    detail: `another revision (${now}) was rolled out while ${before} was being verified`,
    wouldChange: 'one release at a time',
    next: 'Verify the newer revision; use a concurrency group in the workflow.',
  };
}

function clusterOutage(error: KubeError, seenMs: number | undefined, elapsedMs: number): Finding {
  const never = seenMs === undefined;
  const refused = [401, 403, 404].includes(error.status) || error.reason === 'Untrusted';
  return {
    check: 'cluster',
    state: 'blind',
    final: refused || (never && elapsedMs >= neverReachedMs),
    detail: error.message,
    wouldChange: 'an answer from the API server',
    next:
      error.status === 404
        ? 'Correct the inputs workload and namespace.'
        : 'See that the kubeconfig is right and the API server reachable from this runner.',
  };
}

function causesByPod(
  causes: readonly { cause: Cause }[],
): ReadonlyMap<string, { text: string; logTail?: string }> {
  return new Map(
    causes.map(({ cause }) => [
      cause.object.replace(/^pod\//, ''),
      {
        text: causeText(cause),
        ...(cause.logTail === undefined ? {} : { logTail: cause.logTail }),
      },
    ]),
  );
}

/** Adds the end of the log to what is bad about one pod, when it is not there yet. */
async function withLog(
  ports: VerifyPorts,
  namespace: string,
  judged: Judgement,
  pods: readonly PodRecord[],
): Promise<Judgement> {
  const bad = judged.findings.find(({ state }) => state === 'bad');
  if (bad === undefined || bad.logTail !== undefined) return judged;
  const record = pods.find(({ pod }) => bad.detail.includes(`pod/${pod.metadata?.name ?? ''}`));
  const container =
    record?.ends.at(-1)?.container ?? record?.pod.spec?.containers[0]?.name ?? undefined;
  if (record === undefined || container === undefined) return judged;
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
