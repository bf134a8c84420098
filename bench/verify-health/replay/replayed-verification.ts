import {
  createMetricsCheck,
  type EarlierPods,
  type RolloutView,
} from '../../../packages/health/src/observe/index.ts';
import { judge, soakOf } from '../../../packages/health/src/judge/index.ts';
import type { ShareUnit } from '../../../packages/health/src/index.ts';
import { createPrometheusClient } from '@slipway/prometheus';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import type { Fetch } from '@slipway/runtime';
import { fakeLog, steppedClock, type SteppedClock } from '@slipway/testing';
import { podAddress, type ExposedRelease } from './exposed-release.ts';

/** What the replay of one verification came to. */
export interface Replayed {
  verdict: string;
  cause: string;
  seconds: number;
  queries: number;
}

const stepMs = 1_000;

/** The address of a query with a time: without one it would be about now, which is long after. */
function atItsTime(url: string | URL, clock: SteppedClock): URL {
  const to = new URL(url);
  if (to.pathname.endsWith('/query') && !to.searchParams.has('time'))
    to.searchParams.set('time', (clock.now() / 1000).toFixed(3));
  return to;
}

/** The platform's fetch by a clock of the past; tells when nothing is being asked any more. */
function fetchOfThePast(clock: SteppedClock): {
  fetch: Fetch;
  idle: () => Promise<void>;
  count: () => number;
} {
  let asking = 0;
  let count = 0;
  let wake: (() => void) | undefined;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    fetch: async (url, init) => {
      asking += 1;
      count += 1;
      try {
        const { signal: _, ...rest } = init ?? {};
        const response = await fetch(atItsTime(url, clock), rest);
        const text = await response.text();
        return new Response(text, { status: response.status, headers: response.headers });
      } finally {
        asking -= 1;
        if (asking === 0) wake?.();
      }
    },
    count: () => count,
    idle: async () => {
      for (let quiet = 0; quiet < 3; quiet += 1) {
        if (asking > 0) {
          await new Promise<void>((resolve) => (wake = resolve));
          quiet = 0;
        }
        await turn();
      }
    },
  };
}

/** Pods that were scraped, each with when it came; times in milliseconds from the begin. */
function scrapedPods(
  { namespace }: ExposedRelease,
  units: readonly ShareUnit[],
  beganMs: number,
): { fromMs: number; record: PodRecord }[] {
  const first = new Map<string, { fromMs: number; node: string }>();
  for (const { pod, fromMs, node = '' } of units)
    if (!first.has(pod)) first.set(pod, { fromMs, node });
  return [...first].map(([name, { fromMs, node }]) => {
    const readyMs = beganMs + fromMs;
    const lastTransitionTime = new Date(readyMs).toISOString();
    return {
      fromMs,
      record: {
        pod: {
          metadata: { name, namespace, uid: `${namespace}-${name}` },
          spec: { nodeName: node, containers: [{ name: 'main' }] },
          status: {
            podIP: podAddress(namespace, name),
            conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
          },
        },
        ...{ startedMs: readyMs - 1_000, ready: true, everReady: true, flapsMs: [], ends: [] },
        ...{ leaving: false, gone: false },
      },
    };
  });
}

/** The release's pods at a time, as the API server would show them, and those of the earlier revision. */
function rolloutOf(exposed: ExposedRelease, beganMs: number): RolloutView & EarlierPods {
  const { release } = exposed;
  const records = scrapedPods(exposed, release.units, beganMs);
  const old = scrapedPods(exposed, release.control, beganMs).map(({ record }) => record);
  const present = (nowMs: number): PodRecord[] =>
    records
      .filter(({ fromMs, record }) => {
        const goneMs = release.gone.get(record.pod.metadata?.name ?? '') ?? Infinity;
        return nowMs - beganMs >= fromMs && nowMs - beganMs < goneMs;
      })
      .map(({ record }) => record);
  return {
    truth: (nowMs) => ({ present: present(nowMs) }) as unknown as RolloutTruth,
    workload: () => undefined,
    earlier: () => old,
  };
}

/** Verifies one release as it was at `beganMs`, by the check and the judge of the action. */
export async function replay(
  url: string,
  exposed: ExposedRelease,
  beganMs: number,
): Promise<Replayed> {
  const clock = steppedClock(beganMs);
  const past = fetchOfThePast(clock);
  const { limit, minSoakSeconds, deadlineSeconds } = exposed.release.setting;
  const deadlineMs = deadlineSeconds * 1000;
  const minSoakMs = minSoakSeconds * 1000;
  const client = createPrometheusClient({ url, auth: { kind: 'none' }, fetch: past.fetch, clock });
  const check = createMetricsCheck(
    { clock, log: fakeLog() },
    {
      ...{ client, workload: { namespace: exposed.namespace, name: 'api' }, scrapes: true },
      errorShare: {
        ...{ metric: '', codeLabel: '', badCodes: ['5xx'] },
        must: { operator: '<', limit, text: `< ${limit}` },
      },
      ...{ assertions: [], beganMs, deadlineMs, intervalMs: 2_000 },
    },
    rolloutOf(exposed, beganMs),
    () => {
      isNews = true;
    },
  );
  let isNews = true;
  const over = new AbortController();
  const running = check.run(over.signal);
  try {
    for (;;) {
      await past.idle();
      const nowMs = clock.now();
      const elapsedMs = nowMs - beganMs;
      if (!isNews && elapsedMs < deadlineMs) {
        await clock.advance(stepMs);
        continue;
      }
      isNews = false;
      const findings = check.findings({ nowMs, beganMs, elapsedMs, deadlineMs });
      const progress = { ...soakOf(findings, nowMs), elapsedMs, minSoakMs, deadlineMs };
      const judged = judge(findings, progress);
      if (judged !== undefined)
        return {
          ...{ verdict: judged.verdict, cause: judged.cause },
          ...{ seconds: elapsedMs / 1000, queries: past.count() },
        };
      await clock.advance(stepMs);
    }
  } finally {
    over.abort(new Error('the verification is over'));
    for (let turn = 0; turn < 3; turn += 1) {
      await past.idle();
      await clock.advance(1_000);
    }
    await running;
  }
}
