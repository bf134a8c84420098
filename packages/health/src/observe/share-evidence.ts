import {
  counterGrowth,
  type Answer,
  type Growth,
  type PrometheusClient,
} from '@slipway/prometheus';
import { fillPlaceholders, type Assertion, type ShareUnit } from '../judge/index.ts';
import type { MetricScope } from './metric-scope.ts';
import type { PodRecord } from '@slipway/rollout';

/** A share whose counters are to be read. */
export type ShareAssertion = Extract<Assertion, { kind: 'share' }>;

/** Counters of one share, by pod and scrape. */
export interface ShareReading {
  units: readonly ShareUnit[];
  /** Series of the total that were found at all. */
  series: number;
  /** A label that `bad` asks for and no series has: the error share would be 0 by mistake. */
  missingLabel: { label: string; has: readonly string[] } | undefined;
  warnings: readonly string[];
}

const longestWindowMs = 3_600_000;
/** Clocks of nodes and of Prometheus differ; a pod's first sample must lie within the window. */
const marginMs = 30_000;

function matcherLabels(selector: string): string[] {
  const inside = /\{([^}]*)\}/.exec(selector)?.[1] ?? '';
  return [...inside.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
}

/** Growth of both counters by pod and scrape; the scrape before it is that of the pod's unit before. */
function unitsOf(total: readonly Growth[], bad: readonly Growth[], firstMs: number): ShareUnit[] {
  const units = new Map<string, { pod: string; atMs: number; total: number; bad: number }>();
  const add = ({ of: pod, timeMs: atMs, by }: Growth, field: 'total' | 'bad'): void => {
    const unit = units.get(`${pod} ${atMs}`) ?? { pod, atMs, total: 0, bad: 0 };
    unit[field] += by;
    units.set(`${pod} ${atMs}`, unit);
  };
  for (const growth of total) add(growth, 'total');
  for (const growth of bad) add(growth, 'bad');
  const before = new Map<string, number>();
  return [...units.values()]
    .sort((a, b) => a.atMs - b.atMs)
    .map((unit) => {
      const fromMs = before.get(unit.pod) ?? firstMs;
      before.set(unit.pod, unit.atMs);
      return { ...unit, fromMs };
    });
}

/**
 * Reads what the counters of a share grew by since the pods began, scrape by scrape and exactly. Throws
 * PrometheusError.
 */
export async function readShare(
  client: PrometheusClient,
  assertion: ShareAssertion,
  scope: MetricScope,
  pods: readonly PodRecord[],
  nowMs: number,
): Promise<ShareReading> {
  const born = new Map(pods.map(({ pod, startedMs }) => [pod.metadata?.name ?? '', startedMs]));
  const first = Math.min(nowMs, ...born.values());
  const windowMs = Math.min(nowMs - first + marginMs, longestWindowMs);
  const window = `[${Math.ceil(windowMs / 1000)}s]`;
  const ask = (selector: string): Promise<Answer> =>
    client.query(fillPlaceholders(selector, scope.placeholders) + window, { timeMs: nowMs });
  const [all, failed] = await Promise.all([ask(assertion.total), ask(assertion.bad)]);
  const growth = (answer: Answer): Growth[] =>
    counterGrowth(answer.series, {
      label: scope.podLabel,
      startMs: nowMs - windowMs,
      bornAfterMs: (pod) => born.get(pod),
    });
  const labels = new Set(all.series.flatMap((series) => Object.keys(series.labels)));
  const label = matcherLabels(assertion.bad).find(
    (name) => name !== '__name__' && !labels.has(name),
  );
  const unlabelled = all.series.length > 0 && label !== undefined;
  return {
    units: unlabelled ? [] : unitsOf(growth(all), growth(failed), nowMs - windowMs),
    series: all.series.length,
    missingLabel: unlabelled
      ? {
          label,
          has: [...labels]
            .filter((name) => name !== '__name__' && !scope.targetLabels.has(name))
            .sort(),
        }
      : undefined,
    warnings: [...all.warnings, ...failed.warnings],
  };
}
