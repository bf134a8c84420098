import { metricNames, type PrometheusClient } from '@slipway/prometheus';
import { editDistance } from '@slipway/runtime';
import type { MetricScope } from './metric-scope.ts';

const hour = '1h';
const hourMs = 3_600_000;
const mostDifferent = 3;

/** Why a query finds nothing. */
export interface Absence {
  /** One sentence. */
  why: string;
  /** More time will not bring it: the labels that are asked for are not there. */
  stays: boolean;
  /** Nobody in this Prometheus has such a metric. */
  unknown: boolean;
}

/** The name that the new pods export and that is most like `name`; undefined when none is. */
async function similarTo(
  name: string,
  client: PrometheusClient,
  scope: MetricScope,
  timeMs: number,
): Promise<string | undefined> {
  const names = `group by (__name__) ({__name__=~".+",${scope.matchers}})`;
  const { series } = await client.query(names, { timeMs });
  const [nearest] = series
    .map(({ labels }) => labels['__name__'] ?? '')
    .map((known) => ({ known, apart: editDistance(name, known) }))
    .filter(({ apart }) => apart <= mostDifferent)
    .sort((a, b) => a.apart - b.apart);
  return nearest?.known;
}

/**
 * Why a query finds nothing, as one sentence: the metric never existed, exists elsewhere but not on the
 * new pods, or is there with other labels. What it asks costs no more in a large Prometheus. Throws
 * PrometheusError.
 */
export async function explainAbsence(
  client: PrometheusClient,
  query: string,
  scope: MetricScope,
  timeMs: number,
): Promise<Absence> {
  const range = { startMs: timeMs - hourMs, endMs: timeMs, limit: 50 };
  const names = metricNames(query);
  for (const name of names) {
    const mine = await client.series(`{__name__="${name}",${scope.matchers}}`, range);
    if (mine.length === 0) {
      const anywhere = await client.query(`group(last_over_time({__name__="${name}"}[${hour}]))`, {
        timeMs,
      });
      if (anywhere.series.length > 0)
        return {
          why: `no new pod has the metric ${name} (other targets do): it has not been counted yet, or has another name now`,
          stays: false,
          unknown: false,
        };
      const similar = await similarTo(name, client, scope, timeMs);
      const instead = similar === undefined ? '' : `; the new pods export ${similar}`;
      return {
        why: `the metric ${name} does not exist in this Prometheus${instead}`,
        stays: true,
        unknown: true,
      };
    }
    if (names.length === 1) {
      const labels = new Set(mine.flatMap((labelSet) => Object.keys(labelSet)));
      for (const own of ['__name__', ...scope.targetLabels]) labels.delete(own);
      return {
        why: `${name} of the new pods has no series that the query selects; its own labels are ${[...labels].sort().join(', ') || 'none'}`,
        stays: true,
        unknown: false,
      };
    }
  }
  return { why: 'the query found nothing', stays: false, unknown: false };
}
