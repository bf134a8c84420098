import { metricNames, type PrometheusClient } from '@slipway/prometheus';
import type { MetricScope } from './metric-scope.ts';

const hourMs = 3_600_000;

/**
 * Why a query finds nothing, as one sentence: the metric never existed, exists elsewhere but not on the
 * new pods, or is there with other labels. Throws PrometheusError.
 */
export async function explainAbsence(
  client: PrometheusClient,
  query: string,
  scope: MetricScope,
  nowMs: number,
): Promise<{ why: string; stays: boolean }> {
  const range = { startMs: nowMs - hourMs, endMs: nowMs, limit: 50 };
  for (const name of metricNames(query)) {
    const mine = await client.series(`${name}{${scope.matchers}}`, range);
    const anywhere = mine.length > 0 ? mine : await client.series(name, range);
    if (anywhere.length === 0)
      return { why: `the metric ${name} does not exist in this Prometheus`, stays: false };
    if (mine.length === 0)
      return {
        why: `no new pod has the metric ${name} (other targets do): it has not been counted yet, or has another name now`,
        stays: false,
      };
    if (metricNames(query).length === 1) {
      const labels = new Set(mine.flatMap((labelSet) => Object.keys(labelSet)));
      for (const own of ['__name__', ...scope.targetLabels]) labels.delete(own);
      return {
        why: `${name} of the new pods has no series that the query selects; its own labels are ${[...labels].sort().join(', ') || 'none'}`,
        stays: true,
      };
    }
  }
  return { why: 'the query found nothing', stays: false };
}
