import {
  PrometheusError,
  readValue,
  type Answer,
  type PrometheusClient,
} from '@slipway/prometheus';
import { errorMessage } from '@slipway/runtime';
import { explainAbsence } from './absence.ts';
import {
  fillPlaceholders,
  type Assertion,
  satisfies,
  type Requirement,
  type Finding,
} from '../judge/index.ts';
import type { PodRecord } from '@slipway/rollout';
import {
  outageFinding,
  scrapeFinding,
  settlesAfterMs,
  shareFinding,
  valueFinding,
  type Evaluation,
  type MetricsOutage,
} from '../findings/index.ts';
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
  look(
    pods: readonly PodRecord[],
    time: { nowMs: number; over: boolean },
  ): Promise<readonly Finding[]>;
}

/** A server that never answered in this long is taken for absent. */
const neverAnsweredMs = 30_000;
const evaluationsKept = 200;

function worst(answer: Answer, must: Requirement): Omit<Evaluation, 'atMs'> {
  const labels = (series: Readonly<Record<string, string>>): string =>
    `{${Object.entries(series)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')
      .slice(0, 200)}}`;
  if (answer.warnings[0] !== undefined)
    return { outcome: 'partial', shown: `Prometheus warns: ${answer.warnings[0]}` };
  if (answer.type === 'matrix' || answer.type === 'string')
    return {
      outcome: 'no-number',
      shown: `the query gives a ${answer.type}, not one value per series`,
    };
  if (answer.histograms > 0)
    return { outcome: 'no-number', shown: 'the query gives native histograms, not numbers' };
  if (answer.series.length === 0) return { outcome: 'no-data', shown: 'the query found nothing' };
  let holds: string | undefined;
  for (const { labels: own, points } of answer.series) {
    const value = readValue(points[0]?.value ?? NaN);
    if (value.kind === 'not-a-number')
      return {
        outcome: 'no-number',
        shown: `NaN of ${labels(own)}, as from 0/0: most often no traffic`,
      };
    if (value.kind === 'infinite')
      return {
        outcome: 'no-number',
        shown: `${value.sign > 0 ? '+' : '-'}Inf of ${labels(own)}, as from a division by 0`,
      };
    const shown = `${Number(value.value.toPrecision(6))} of ${labels(own)}`;
    if (!satisfies(value.value, must)) return { outcome: 'violated', shown };
    holds ??= answer.series.length === 1 ? shown : `${answer.series.length} series, ${shown}`;
  }
  return { outcome: 'holds', shown: holds ?? '' };
}

/** An observer of `request`. Failures of Prometheus become findings; only an abort throws. */
export function createMetricsObserver(request: MetricsRequest): MetricsObserver {
  const { client, assertions } = request;
  const checks = [...(request.scrapes ? ['up'] : []), ...assertions.map(({ name }) => name)];
  const evaluations = new Map<string, Evaluation[]>();
  const sinceMs = new Map<string, { state: string; ms: number }>();
  let skewMs: number | undefined;
  let answered = false;

  const lasted = (key: string, state: string, nowMs: number): number => {
    const known = sinceMs.get(key);
    if (known?.state === state) return nowMs - known.ms;
    sinceMs.set(key, { state, ms: nowMs });
    return 0;
  };
  const outage = (error: PrometheusError, nowMs: number): MetricsOutage => ({
    why: errorMessage(error),
    settled: !error.mayPass || (!answered && lasted('outage', 'away', nowMs) >= neverAnsweredMs),
  });
  const absence = async (
    name: string,
    query: string,
    scope: MetricScope,
    at: number,
    nowMs: number,
  ) => {
    const { why, stays } = await explainAbsence(client, query, scope, at);
    const forMs = lasted(name, why, nowMs);
    return { why, settled: stays && forMs >= settlesAfterMs(scope.intervalMs) };
  };

  const lookAt = async (
    assertion: Assertion,
    scope: MetricScope,
    pods: readonly PodRecord[],
    at: number,
    time: { nowMs: number; over: boolean },
  ): Promise<Finding> => {
    const { name, must } = assertion;
    const { nowMs } = time;
    if (assertion.kind === 'share') {
      const reading = await readShare(client, assertion, scope, pods, at);
      const { missingLabel } = reading;
      const missing =
        missingLabel !== undefined
          ? {
              why: `the counters of the new pods have no label "${missingLabel.label}", only ${missingLabel.has.join(', ') || 'those of the target'}`,
              settled: lasted(name, missingLabel.label, nowMs) >= settlesAfterMs(scope.intervalMs),
            }
          : reading.series === 0
            ? await absence(name, assertion.total, scope, at, nowMs)
            : undefined;
      return shareFinding({
        name,
        must,
        units: reading.units,
        missing,
        warnings: reading.warnings,
      });
    }
    const query = fillPlaceholders(assertion.query, scope.placeholders);
    const evaluation = { ...worst(await client.query(query, { timeMs: at }), must), atMs: nowMs };
    const kept = [...(evaluations.get(name) ?? []), evaluation].slice(-evaluationsKept);
    evaluations.set(name, kept);
    const missing =
      evaluation.outcome === 'no-data' ? await absence(name, query, scope, at, nowMs) : undefined;
    return valueFinding(
      { name, must, evaluations: kept, intervalMs: scope.intervalMs, missing },
      time,
    );
  };

  return {
    look: async (pods, time) => {
      const { nowMs } = time;
      if (pods.length === 0)
        return checks.map((check) => ({ check, state: 'open', detail: 'there is no new pod yet' }));
      let scope: MetricScope;
      const findings: Finding[] = [];
      try {
        skewMs ??= (await client.serverTime()) - nowMs;
        const targets =
          request.scrapes || assertions.length > 0 ? await client.targets() : undefined;
        scope = metricScope(targets, pods, request.workload);
        answered = true;
        sinceMs.delete('outage');
        if (request.scrapes) {
          const states = scrapeStates(
            targets ?? (await upTargets(client, scope, nowMs + skewMs)),
            pods,
          );
          const rungs = states.map(({ name, state }) => `${name} ${state.rung}`).join();
          const worstForMs = lasted('up', rungs, nowMs);
          findings.push(scrapeFinding({ pods: states, worstForMs, intervalMs: scope.intervalMs }));
        }
      } catch (error) {
        if (!(error instanceof PrometheusError)) throw error;
        return checks.map((check) => outageFinding(check, outage(error, nowMs)));
      }
      for (const assertion of assertions) {
        try {
          findings.push(await lookAt(assertion, scope, pods, nowMs + skewMs, time));
        } catch (error) {
          if (!(error instanceof PrometheusError)) throw error;
          findings.push(outageFinding(assertion.name, outage(error, nowMs)));
        }
      }
      return findings;
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
