import { PrometheusError, type PrometheusClient, type ScrapeTarget } from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';
import { errorMessage } from '@slipway/runtime';
import {
  outageFinding,
  scrapeFinding,
  settlesAfterMs,
  shareFinding,
  valueFinding,
  type Evaluation,
  type MetricsOutage,
} from '../findings/index.ts';
import { fillPlaceholders, type Assertion, type Finding } from '../judge/index.ts';
import { explainAbsence } from './absence.ts';
import { evaluate } from './evaluation.ts';
import { metricScope, scrapeStates, type MetricScope } from './metric-scope.ts';
import { readShare } from './share-evidence.ts';

/** What is to be read from Prometheus. */
export interface MetricsRequest {
  client: PrometheusClient;
  workload: { namespace: string; name: string };
  /** Whether `up == 1` of every new pod is asked for. */
  scrapes: boolean;
  assertions: readonly Assertion[];
}

/** Looks at the new pods through Prometheus; remembers earlier looks. */
export interface MetricsObserver {
  /** Names of all that is looked at. */
  checks: readonly string[];
  look(
    pods: readonly PodRecord[],
    time: { nowMs: number; beganMs: number; over: boolean },
  ): Promise<readonly Finding[]>;
}

/** A server that never answered in this long is taken for absent. */
const neverAnsweredMs = 30_000;
const evaluationsKept = 200;

/** Prometheus, and what earlier looks have left. */
interface Reader {
  client: PrometheusClient;
  evaluations: Map<string, readonly Evaluation[]>;
  /** Since when each thing has been as it is. */
  since: Map<string, { state: string; ms: number }>;
  /** How far Prometheus's clock is ahead of ours. */
  skewMs: number | undefined;
  answered: boolean;
}

/** One look: the pods it is about, where they are found, and its times. */
interface Look {
  pods: readonly PodRecord[];
  scope: MetricScope;
  /** By Prometheus's clock. */
  atMs: number;
  nowMs: number;
  beganMs: number;
  over: boolean;
}

/** How long `key` has been in `state`, in milliseconds; 0 when that is new. */
function lasted(reader: Reader, key: string, state: string, nowMs: number): number {
  const known = reader.since.get(key);
  if (known?.state === state) return nowMs - known.ms;
  reader.since.set(key, { state, ms: nowMs });
  return 0;
}

function outage(reader: Reader, error: PrometheusError, nowMs: number): MetricsOutage {
  const awayForMs = reader.answered ? 0 : lasted(reader, 'outage', 'away', nowMs);
  return { why: errorMessage(error), settled: !error.mayPass || awayForMs >= neverAnsweredMs };
}

/** Why the assertion `name` finds nothing with `query`. */
async function absence(reader: Reader, of: { name: string; query: string }, look: Look) {
  const { name, query } = of;
  const { scope, atMs, nowMs } = look;
  const { why, stays } = await explainAbsence(reader.client, query, scope, atMs);
  const forMs = lasted(reader, name, why, nowMs);
  return { why, settled: stays && forMs >= settlesAfterMs(scope.intervalMs) };
}

async function lookAtShare(
  reader: Reader,
  assertion: Extract<Assertion, { kind: 'share' }>,
  look: Look,
): Promise<Finding> {
  const { name, must, total } = assertion;
  const { scope, pods, atMs, nowMs } = look;
  const { units, warnings, series, missingLabel } = await readShare(
    reader.client,
    assertion,
    scope,
    pods,
    atMs,
  );
  // Units are by Prometheus's clock.
  const aheadMs = atMs - nowMs;
  const ours = units.map((unit) => ({
    ...unit,
    atMs: unit.atMs - aheadMs,
    fromMs: unit.fromMs - aheadMs,
  }));
  const finding = { name, must, units: ours, warnings };
  if (missingLabel !== undefined) {
    const { label, has } = missingLabel;
    const why = `the counters of the new pods have no label "${label}", only ${has.join(', ') || 'those of the target'}`;
    const settled = lasted(reader, name, label, nowMs) >= settlesAfterMs(scope.intervalMs);
    return shareFinding({ ...finding, missing: { why, settled } }, look);
  }
  const missing = series === 0 ? await absence(reader, { name, query: total }, look) : undefined;
  return shareFinding({ ...finding, missing }, look);
}

async function lookAtValue(
  reader: Reader,
  assertion: Extract<Assertion, { kind: 'value' }>,
  look: Look,
): Promise<Finding> {
  const { name, must } = assertion;
  const { scope, atMs, nowMs } = look;
  const query = fillPlaceholders(assertion.query, scope.placeholders);
  const evaluation = {
    ...evaluate(await reader.client.query(query, { timeMs: atMs }), must),
    atMs: nowMs,
  };
  const kept = [...(reader.evaluations.get(name) ?? []), evaluation].slice(-evaluationsKept);
  reader.evaluations.set(name, kept);
  const nothing = evaluation.outcome === 'no-data';
  const missing = nothing ? await absence(reader, { name, query }, look) : undefined;
  return valueFinding(
    { name, must, evaluations: kept, intervalMs: scope.intervalMs, missing },
    look,
  );
}

function scrapesOf(reader: Reader, targets: readonly ScrapeTarget[], look: Look): Finding {
  const pods = scrapeStates(targets, look.pods);
  const rungs = pods.map(({ name, state }) => `${name} ${state.rung}`).join();
  const worstForMs = lasted(reader, 'up', rungs, look.nowMs);
  return scrapeFinding({ pods, nowMs: look.nowMs, worstForMs, intervalMs: look.scope.intervalMs });
}

/** An observer of `request`. Failures of Prometheus become findings; only an abort throws. */
export function createMetricsObserver(request: MetricsRequest): MetricsObserver {
  const { client, assertions, scrapes, workload } = request;
  const checks = [...(scrapes ? ['up'] : []), ...assertions.map(({ name }) => name)];
  const reader: Reader = {
    client,
    evaluations: new Map(),
    since: new Map(),
    skewMs: undefined,
    answered: false,
  };

  const begin = async (
    pods: readonly PodRecord[],
    time: { nowMs: number; beganMs: number; over: boolean },
  ): Promise<{ look: Look; findings: Finding[] }> => {
    reader.skewMs ??= (await client.serverTime()) - time.nowMs;
    const targets = checks.length > 0 ? await client.targets() : undefined;
    const scope = metricScope(targets, pods, workload);
    const look = { ...time, pods, scope, atMs: time.nowMs + reader.skewMs };
    reader.answered = true;
    reader.since.delete('outage');
    if (!scrapes) return { look, findings: [] };
    const seen = targets ?? (await upTargets(client, scope, look.atMs));
    return { look, findings: [scrapesOf(reader, seen, look)] };
  };

  return {
    checks,
    look: async (pods, time) => {
      if (pods.length === 0)
        return checks.map((check) => ({ check, state: 'open', detail: 'there is no new pod yet' }));
      /** The findings, or what stands for them while Prometheus does not answer. */
      const orOutage = async (
        names: readonly string[],
        read: () => Promise<Finding[]>,
      ): Promise<Finding[]> => {
        try {
          return await read();
        } catch (error) {
          if (!(error instanceof PrometheusError)) throw error;
          return names.map((name) => outageFinding(name, outage(reader, error, time.nowMs)));
        }
      };
      return await orOutage(checks, async () => {
        const { look, findings } = await begin(pods, time);
        for (const assertion of assertions)
          findings.push(
            ...(await orOutage([assertion.name], async () => [
              assertion.kind === 'share'
                ? await lookAtShare(reader, assertion, look)
                : await lookAtValue(reader, assertion, look),
            ])),
          );
        return findings;
      });
    },
  };
}

/** Targets as `up` tells them, where there is no targets API (Thanos, Mimir). */
async function upTargets(client: PrometheusClient, scope: MetricScope, at: number) {
  const answer = await client.query(`up{${scope.matchers}}`, { timeMs: at });
  return answer.series.map(({ labels, points }) => ({
    labels,
    discovered: {},
    pool: labels['job'] ?? '',
    url: labels['instance'] ?? '',
    health: points[0]?.value === 1 ? ('up' as const) : ('down' as const),
    lastError: 'up is 0',
    lastScrapeMs: points[0]?.timeMs,
    intervalMs: undefined,
  }));
}
