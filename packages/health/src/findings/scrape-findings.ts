import type { Finding } from '../judge/index.ts';
import type { MetricsEvidence } from './metric-evidence.ts';

/** How long what is missing must have been missing to be counted on to stay so. */
export function settlesAfterMs(intervalMs: number): number {
  return Math.max(5 * intervalMs, 20_000);
}

/** Service discovery may take this long, whatever the scrape interval. */
const discoveryMs = 60_000;
const samplesTold = 4;

/**
 * The last times by which every pod had been scraped: two of them inside a stretch of time mean that
 * every pod was scraped twice in it. Undefined where Prometheus does not scrape the pods itself.
 */
export function scrapedAllMs({ pods }: Pick<MetricsEvidence, 'pods'>): number[] | undefined {
  const scraped = pods.filter(({ scrapesMs }) => scrapesMs.length > 0);
  if (scraped.length === 0) return undefined;
  const times: number[] = [];
  for (let back = 1; back <= samplesTold; back += 1) {
    const each = scraped.map(({ scrapesMs }) => scrapesMs.at(-back));
    if (each.some((ms) => ms === undefined)) break;
    times.unshift(Math.min(...each.filter((ms) => ms !== undefined)));
  }
  return times;
}

/** The built-in `up == 1` of every new pod, with the broken rung named. */
export function scrapeFinding(evidence: MetricsEvidence, time: { nowMs: number }): Finding {
  const check = 'up';
  const { pods, intervalMs } = evidence;
  const { nowMs } = time;
  const lost = pods.find(({ state }) => state === 'lost');
  if (lost !== undefined)
    return {
      check,
      state: 'blind',
      settled: nowMs - lost.sinceMs >= discoveryMs,
      detail: `Prometheus does not know pod/${lost.name}: no scrape target is for it`,
      wouldChange: 'a scrape configuration, annotation or PodMonitor that finds the new pods',
      next: 'Compare the pod’s annotations and labels with the scrape configuration, on Prometheus’s page Service Discovery. Where there are several tenants, see that prometheus-headers name the one that has them.',
    };
  const failing = pods.find(({ state }) => state === 'failing');
  if (failing !== undefined) {
    const { name, target = '', error = 'up is 0', sinceMs } = failing;
    return {
      check,
      state: 'blind',
      settled: nowMs - sinceMs >= settlesAfterMs(intervalMs),
      detail: `Prometheus cannot scrape pod/${name} (${target}): ${error}`,
      wouldChange: 'up == 1 of every new pod',
      next: 'See that the metrics port listens and that the annotation or monitor names it.',
    };
  }
  const up = pods.filter(({ scrapesMs }) => scrapesMs.length > 0);
  const detail = `up == 1 for ${up.length} of ${pods.length} new pods`;
  if (pods.length === 0 || up.length < pods.length)
    return { check, state: 'open', detail, wouldChange: 'a scrape of every new pod' };
  const sampledMs = scrapedAllMs(evidence) ?? [];
  const wellSinceMs = Math.max(...pods.map(({ sinceMs }) => sinceMs));
  const ageMs = nowMs - (sampledMs.at(-1) ?? nowMs);
  if (ageMs <= settlesAfterMs(intervalMs))
    return { check, state: 'good', detail, wellSinceMs, sampledMs };
  return {
    check,
    state: 'open',
    wellSinceMs,
    sampledMs,
    detail: `${detail}, but the last scrape was ${Math.round(ageMs / 1000)} s ago`,
    wouldChange: 'a scrape of every new pod',
  };
}
