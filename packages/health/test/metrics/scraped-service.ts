import type { Pod, Workload } from '@slipway/kube';
import { createPrometheusClient } from '@slipway/prometheus';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import { fakeLog, steppedClock } from '@slipway/testing';
import type { Finding } from '../../src/index.ts';
import {
  createMetricsCheck,
  type EarlierPods,
  type MetricsRequest,
  type RolloutView,
} from '../../src/observe/index.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';
import { prometheusWorld } from './prometheus-world.ts';

/** When these verifications begin. */
export const beganMs = 1_800_000_000_000;

/** A pod with a readiness probe, as the rollout knows it. */
export function podRecord(
  name: string,
  more: { readyMs?: number; startedMs?: number; ip?: string; containers?: object[] } = {},
): PodRecord {
  const { readyMs = beganMs - 2_000, startedMs = beganMs - 5_000, ip = '10.0.0.7' } = more;
  const probe = { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 5 };
  const pod: Pod = {
    metadata: { name, namespace: 'shop', uid: name },
    spec: {
      nodeName: 'node-a',
      containers: (more.containers as NonNullable<Pod['spec']>['containers'] | undefined) ?? [
        { name: 'main', readinessProbe: probe },
      ],
    },
    status: {
      ...(ip === '' ? {} : { podIP: ip }),
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: new Date(readyMs).toISOString(),
        },
      ],
    },
  };
  return {
    ...{ pod, startedMs, ready: true, everReady: true, flapsMs: [], ends: [] },
    ...{ leaving: false, gone: false },
  };
}

/** The built-in share with its usual settings. */
export const errorShare: NonNullable<MetricsRequest['errorShare']> = {
  ...{ metric: '', codeLabel: '', badCodes: ['5xx'], must: parseRequirement('< 0.1') },
};

/** A rollout as far as a metrics check asks for it. */
function rolloutOf(
  options: Parameters<typeof scrapedService>[0],
  present: () => readonly PodRecord[],
): RolloutView & EarlierPods {
  const { kind = 'deployment', earlierSets, old = [], revisionBeganMs } = options;
  const ref = { kind, namespace: 'shop', name: 'api' };
  return {
    truth: () => ({ present: present() }) as unknown as RolloutTruth,
    workload: () => ({ ref, earlierSets }) as unknown as Workload,
    earlier: () => old,
    revisionBeganMs: () => revisionBeganMs,
  };
}

/**
 * A metrics check over pods whose counters a test moves. `counters` gives what a pod exports at a time,
 * `everyMs` how often it is scraped.
 */
export function scrapedService(options: {
  pods?: readonly PodRecord[];
  /** Those of earlier revisions; a test may change what is in the list. */
  old?: readonly PodRecord[];
  /** Names of earlier replica sets. */
  earlierSets?: readonly string[];
  /** Its kind, a deployment by default, and when its revision was made. */
  kind?: string;
  revisionBeganMs?: number;
  /** Labels of the targets of a pod: one for each scrape job that knows it. */
  targets?: (pod: string) => readonly Readonly<Record<string, string>>[];
  counters: (pod: string, atMs: number) => Readonly<Record<string, number>>;
  everyMs?: number;
  /** How far Prometheus's clock is ahead. */
  aheadMs?: number;
  request?: Partial<MetricsRequest>;
  latencyMs?: () => number;
}) {
  const { everyMs = 2_000, aheadMs = 0, pods = [podRecord('api-1')] } = options;
  const {
    targets = (pod: string) => [{ job: 'pods', namespace: 'shop', pod, instance: '10.0.0.7:8080' }],
  } = options;
  const clock = steppedClock(beganMs);
  const log = fakeLog();
  const world = prometheusWorld(() => clock.now() + aheadMs);
  let present: readonly PodRecord[] = pods;
  const scrape = (): void => {
    for (const { pod, startedMs, gone } of [...present, ...(options.old ?? [])]) {
      const name = pod.metadata?.name ?? '';
      if (clock.now() < startedMs || gone) continue;
      for (const target of targets(name))
        world.scrape(clock.now() + aheadMs, target, {
          up: 1,
          ...options.counters(name, clock.now()),
        });
    }
  };
  clock.every(everyMs, scrape);
  const client = createPrometheusClient({
    url: 'http://prometheus:9090',
    auth: { kind: 'none' },
    clock,
    fetch: async (to, init) => {
      const ms = options.latencyMs?.() ?? 0;
      if (ms > 0) await clock.sleep(ms, init?.signal ?? undefined);
      return await world.fetch(to, init);
    },
  });
  const check = createMetricsCheck(
    { clock, log },
    {
      ...{ client, workload: { namespace: 'shop', name: 'api' }, scrapes: true, assertions: [] },
      ...options.request,
      ...{ beganMs, deadlineMs: 300_000, intervalMs: 2_000 },
    },
    rolloutOf(options, () => present),
    () => undefined,
  );
  const job = new AbortController();
  const running = check.run(job.signal);
  const time = () => {
    const nowMs = clock.now();
    return { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs: 300_000 };
  };
  return {
    ...{ clock, log, world, check },
    /** Other pods from now on. */
    replace: (next: readonly PodRecord[]) => {
      present = next;
    },
    pass: async (seconds: number): Promise<void> => {
      for (let step = 0; step < seconds * 2; step += 1) await clock.advance(500);
    },
    finding: (name: string): Finding | undefined =>
      check.findings(time()).find((one) => one.check === name),
    findings: () => check.findings(time()),
    stop: async () => {
      job.abort(new Error('the test is over'));
      await clock.advance(1_000);
      await running;
    },
  };
}
