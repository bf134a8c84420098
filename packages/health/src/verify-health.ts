import { readLogTail, type KubeClient, type Workload, type WorkloadRef } from '@slipway/kube';
import type { PodRecord } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import { judge, soakOf, type Finding, type Judgement, type Progress } from './judge/index.ts';
import type { HealthStatement } from './certificate/index.ts';
import { certify, certifyCutOff, evidenceOf } from './certification.ts';
import { decidingSeries } from './deciding-series.ts';
import {
  countSentRequests,
  createMetricsCheck,
  createProbeCheck,
  createRolloutCheck,
  createTrafficCheck,
  type Check,
  type CheckTime,
  type MetricsRequest,
  type ProbeRequest,
  type RolloutView,
  type TrafficPlan,
} from './observe/index.ts';
import type { ReleasedImage, Series } from './findings/index.ts';
import { createNews } from './change-signal.ts';
import { progressLine } from './progress-line.ts';
import { redactedJudgement } from './redacted-judgement.ts';

/** What is verified and how patiently. Durations in milliseconds. */
export interface VerifyRequest {
  workload: WorkloadRef;
  /** Waited for until the pods run them; none to verify whatever is there. */
  images: readonly ReleasedImage[];
  /** What every new pod is asked. */
  probes: ProbeRequest;
  /** Requests of our own; undefined sends none. */
  traffic?: TrafficPlan;
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
  /** What the verdict rests on, as an in-toto statement that is not signed yet. */
  certificate: HealthStatement;
  /** The check that decided; undefined when all did. */
  deciding: string | undefined;
  /** Its numbers over time, or how many pods served; undefined when there is nothing to draw. */
  series: Series | undefined;
}

/** What a verification needs of the world. */
export interface VerifyPorts {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Takes secrets out of a text; what is told and certified goes through it before it is cut short. */
  redact?: (text: string) => string;
  /** Called with what was seen so far when the signal ends a verification. */
  onCutOff?: (certificate: HealthStatement) => void;
}

const heartbeatMs = 15_000;
/** What is still being asked at the end is not waited for longer: its answer changes nothing. */
const windingUpMs = 500;

/** The checks that a request asks for, and the rollout that they are about. */
function checksOf(
  ports: VerifyPorts,
  request: VerifyRequest,
  beganMs: number,
  onNews: () => void,
): { rollout: RolloutView; checks: Readonly<Record<string, Check>> } {
  const { workload, intervalMs, deadlineMs } = request;
  const rollout = createRolloutCheck(ports, request, onNews);
  // A job's pods end: they answer no probes, and what they count is gone with them.
  if (workload.kind === 'job') {
    ports.log.info('A job is judged by its own status: probes and metrics are left out.');
    return { rollout, checks: { rollout } };
  }
  const sent = countSentRequests();
  const probing = { probes: request.probes, namespace: workload.namespace, intervalMs };
  const checks: Record<string, Check> = {
    rollout,
    probes: createProbeCheck({ ...ports, sent }, probing, rollout, onNews),
  };
  if (request.traffic !== undefined) {
    const plan = { ...request.traffic, namespace: workload.namespace };
    checks['traffic'] = createTrafficCheck({ ...ports, sent }, plan, rollout, onNews);
  }
  if (request.metrics !== undefined) {
    const timedElsewhere = request.traffic?.maxLatency !== undefined;
    const about = { workload, sent, timedElsewhere, beganMs, deadlineMs, intervalMs };
    const wanted = { ...request.metrics, ...about };
    checks['metrics'] = createMetricsCheck(ports, wanted, rollout, onNews);
  }
  return { rollout, checks };
}

/**
 * Watches a workload's new pods until the verdict is certain, at the latest until the deadline. Failures
 * of the cluster and of Prometheus become findings; it throws only the signal's reason and our own bugs.
 */
export async function verifyHealth(
  ports: VerifyPorts,
  request: VerifyRequest,
): Promise<VerifyResult> {
  const { clock, redact = (text: string) => text } = ports;
  const beganMs = clock.now();
  const over = new AbortController();
  const signal = AbortSignal.any([ports.signal, over.signal]);
  const inner = { ...ports, signal };
  const news = createNews(clock, signal);
  const { rollout, checks } = checksOf(inner, request, beganMs, news.tell);
  const running = Object.values(checks).map((check) => check.run(signal));
  // A bug of one check ends the verification; it is thrown below, when all have stopped.
  for (const run of running) run.catch((error: unknown) => over.abort(error));
  try {
    const { judged, progress, time } = await judgeUntilCertain(inner, request, {
      checks: Object.values(checks),
      beganMs,
      next: news.next,
    });
    const certificate = certify({ request, time, checks, rollout, redact }, judged);
    const { cause, findings } = judged;
    const deciding = findings.find(({ check }) => cause.startsWith(`${check}: `))?.check;
    const series = decidingSeries(evidenceOf({ checks, time }), deciding, time);
    const pods = rollout.truth(time.nowMs)?.pods ?? [];
    const told = await withLog(inner, request.workload.namespace, judged, pods);
    return {
      ...redactedJudgement(told, redact),
      elapsedMs: progress.elapsedMs,
      soakedMs: progress.soakedMs,
      pods: pods.map(({ pod }) => pod.metadata?.name ?? ''),
      workload: rollout.workload(),
      certificate,
      deciding,
      series: series === undefined ? undefined : { ...series, name: redact(series.name) },
    };
  } catch (error) {
    if (ports.signal.aborted) {
      const time = timeOf(clock.now(), beganMs, request.deadlineMs);
      ports.onCutOff?.(certifyCutOff({ request, time, checks, rollout, redact }));
    }
    throw error;
  } finally {
    over.abort(new Error('the verification is over'));
    await Promise.race([Promise.allSettled(running), clock.sleep(windingUpMs)]);
  }
}

function timeOf(nowMs: number, beganMs: number, deadlineMs: number): CheckTime {
  return { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs };
}

/** Judges at each news, all checks at one instant, until there is a verdict. */
async function judgeUntilCertain(
  ports: VerifyPorts,
  request: VerifyRequest,
  looking: { checks: readonly Check[]; beganMs: number; next: (ms: number) => Promise<void> },
): Promise<{ judged: Judgement; progress: Progress; time: CheckTime }> {
  const { clock, signal } = ports;
  const { minSoakMs, deadlineMs, intervalMs } = request;
  const { checks, beganMs, next } = looking;
  const tell = teller(ports);
  for (;;) {
    signal.throwIfAborted();
    const time = timeOf(clock.now(), beganMs, deadlineMs);
    const { nowMs, elapsedMs } = time;
    const findings = checks.flatMap((check) => check.findings(time));
    const progress = { ...soakOf(findings, nowMs), elapsedMs, minSoakMs, deadlineMs };
    tell(findings, progress);
    const judged = judge(findings, progress);
    if (judged !== undefined) return { judged, progress, time };
    await next(Math.max(50, Math.min(intervalMs, deadlineMs - elapsedMs)));
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
