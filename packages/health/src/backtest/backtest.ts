import type { PrometheusClient } from '@slipway/prometheus';
import type { Log } from '@slipway/runtime';
import { judge, soakOf, type Verdict } from '../judge/index.ts';
import { findRunningPods, type LintedWorkload } from '../lint/index.ts';
import { createMetricsCheck, type MetricsRequest } from '../observe/index.ts';
import { createPastClock } from './past-clock.ts';
import { pastPrometheus } from './past-prometheus.ts';
import { findPastRollouts, pastView, type PastRollout } from './past-rollout.ts';

/** What is asked of each rollout of the past. Durations in milliseconds. */
export interface BacktestRequest extends Omit<MetricsRequest, 'client' | 'sent' | 'workload'> {
  workload: LintedWorkload;
  minSoakMs: number;
  deadlineMs: number;
}

/** What a verification by metrics alone would have said of one rollout. */
export interface PastVerdict {
  set: string;
  /** Milliseconds since 1970 by Prometheus's clock. */
  beganMs: number;
  verdict: Verdict;
  cause: string;
  elapsedMs: number;
}

const intervalMs = 5_000;

/**
 * Verifies a rollout of the past by what Prometheus kept of it, with the reading and the judge of today.
 * Pods' crashes and probes are not kept, so it is about metrics alone. Failures of Prometheus become a
 * verdict.
 */
async function verifyPast(
  ports: { client: PrometheusClient; log: Log },
  rollout: PastRollout,
  request: BacktestRequest,
): Promise<PastVerdict> {
  const { set, beganMs } = rollout;
  const { minSoakMs, deadlineMs, ...metrics } = request;
  const clock = createPastClock(beganMs);
  const past = pastPrometheus(ports.client, clock);
  const over = new AbortController();
  const check = createMetricsCheck(
    { clock, log: ports.log },
    { ...metrics, client: past.client, beganMs, deadlineMs, intervalMs },
    pastView(rollout, metrics.workload.namespace, () => clock.now()),
    () => undefined,
  );
  const running = check.run(over.signal);
  try {
    for (;;) {
      await past.idle();
      const nowMs = clock.now();
      const elapsedMs = nowMs - beganMs;
      const findings = check.findings({ nowMs, beganMs, elapsedMs, deadlineMs });
      const progress = { ...soakOf(findings, nowMs), elapsedMs, minSoakMs, deadlineMs };
      const judged = judge(findings, progress);
      if (judged !== undefined)
        return { set, beganMs, elapsedMs, verdict: judged.verdict, cause: judged.cause };
      clock.step(beganMs + deadlineMs);
    }
  } finally {
    over.abort(new Error('the verification is over'));
    await running;
  }
}

/**
 * Verifies the rollouts of the last week again, one after the other, by what Prometheus kept; undefined
 * when it scrapes no pod of the workload. Only of workloads with replica sets: others give their pods the
 * same names again. Throws PrometheusError when they cannot be found.
 */
export async function backtest(
  ports: { client: PrometheusClient; log: Log },
  request: BacktestRequest,
): Promise<readonly PastVerdict[] | undefined> {
  const { client } = ports;
  const nowMs = await client.serverTime();
  const pods = await findRunningPods(client, request.workload, nowMs);
  if (pods === undefined) return undefined;
  const rollouts = await findPastRollouts(client, pods, nowMs);
  const verdicts: PastVerdict[] = [];
  for (const rollout of rollouts)
    // One whose time is not over yet is none of the past.
    if (rollout.beganMs + request.deadlineMs < nowMs)
      verdicts.push(await verifyPast(ports, rollout, request));
  return verdicts;
}
