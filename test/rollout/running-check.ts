import { createPrometheusClient } from '@slipway/prometheus';
import type { RolloutTruth } from '@slipway/rollout';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import {
  createMetricsCheck,
  type MetricsCheckRequest,
} from '../../packages/health/src/observe/metrics/metrics-check.ts';
import {
  unpackEvidence,
  type PackedEvidence,
} from '../../packages/health/src/observe/metrics/index.ts';
import { podRecord } from '../../packages/health/test/metrics/scraped-service.ts';

/** A server of Prometheus's API, and the pods that it is asked about. */
export interface AskedServer {
  url: string;
  headers?: Readonly<Record<string, string>>;
  pods: readonly string[];
  /** When the pods began. */
  startedMs: number;
}

const patienceMs = 200_000;

/** A check of the pods by a real server, which runs until `end`. */
export function runCheck(server: AskedServer, request: Partial<MetricsCheckRequest>) {
  const { url, headers = {}, pods, startedMs } = server;
  const beganMs = Date.now();
  const times = { readyMs: startedMs, startedMs, ip: '127.0.0.1' };
  const present = pods.map((name) => podRecord(name, times));
  const client = createPrometheusClient({
    url,
    headers,
    auth: { kind: 'none' },
    fetch: (to, init) => fetch(to, init),
    clock: systemClock,
  });
  const log = fakeLog();
  const made = createMetricsCheck(
    { clock: systemClock, log },
    {
      client,
      workload: { namespace: 'shop', name: 'api' },
      scrapes: true,
      assertions: [],
      beganMs,
      deadlineMs: 300_000,
      intervalMs: 500,
      ...request,
    },
    {
      truth: () => ({ present }) as unknown as RolloutTruth,
      workload: () => undefined,
      earlier: () => [],
    },
    () => undefined,
  );
  const job = new AbortController();
  const running = made.run(job.signal);
  const finding = (name: string) => {
    const nowMs = Date.now();
    const time = { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs: 300_000 };
    return made.findings(time).find((one) => one.check === name);
  };
  const units = () => {
    const { checks } = unpackEvidence(made.evidence() as PackedEvidence);
    const share = checks.find(({ kind }) => kind === 'share');
    return share?.kind === 'share' ? share.units : [];
  };
  return {
    client,
    log,
    finding,
    /** Requests that were counted so far. */
    counted: () =>
      units().reduce((sum, { total, bad }) => ({ total: sum.total + total, bad: sum.bad + bad }), {
        total: 0,
        bad: 0,
      }),
    /** Waits until `what` is so, at most 200 s from the begin. */
    until: async (what: () => boolean): Promise<void> => {
      while (!what() && Date.now() - beganMs < patienceMs)
        await new Promise((resolve) => setTimeout(resolve, 100));
    },
    end: async (): Promise<void> => {
      job.abort(new Error('the test is over'));
      await running;
    },
  };
}
