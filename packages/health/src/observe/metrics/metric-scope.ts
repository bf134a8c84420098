import { exactly } from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';
import type { Placeholders } from '../../judge/index.ts';
import type { PodPlace, ScrapedTarget } from './pod-scrapes.ts';

/** The new pods as Prometheus's labels name them. */
export interface MetricScope extends PodPlace {
  /** How often the slowest of their targets is scraped. */
  intervalMs: number;
  /** Labels that the targets bring along, whatever the metric. */
  targetLabels: ReadonlySet<string>;
  placeholders: Placeholders;
}

const usualIntervalMs = 15_000;

/** How often a target is scraped, by the middle one of the pauses between its last scrapes. */
export function intervalOf({ scrapes }: ScrapedTarget): number | undefined {
  const recent = scrapes.slice(-12);
  const pauses = recent
    .slice(1)
    .map(({ atMs }, index) => atMs - (recent[index]?.atMs ?? atMs))
    .sort((a, b) => a - b);
  return pauses[Math.floor(pauses.length / 2)];
}

/** The slowest of the pods, each by the one of its targets that is scraped most often. */
function slowestMs(targets: readonly ScrapedTarget[], pods: readonly string[]): number {
  const intervals = pods.flatMap((pod) => {
    const own = targets
      .filter((target) => target.pod === pod)
      .map(intervalOf)
      .filter((ms) => ms !== undefined);
    return own.length === 0 ? [] : [Math.min(...own)];
  });
  return intervals.length === 0 ? usualIntervalMs : Math.max(1_000, ...intervals);
}

/** What queries about `pods` need: how they are matched, and how long their windows must be. */
export function metricScope(
  place: PodPlace,
  targets: readonly ScrapedTarget[],
  pods: readonly PodRecord[],
  workload: { namespace: string; name: string },
): MetricScope {
  const names = pods.map(({ pod }) => pod.metadata?.name ?? '');
  const mine = targets.filter(({ pod }) => names.includes(pod));
  const intervalMs = slowestMs(mine, names);
  // Fewer than four scrapes leave `rate` with too few samples now and then.
  const windowSeconds = Math.ceil((4 * intervalMs) / 1000);
  return {
    ...place,
    intervalMs,
    targetLabels: new Set(mine.flatMap(({ labels }) => Object.keys(labels))),
    placeholders: {
      // Stands between quotes already: backslashes are doubled as in PromQL.
      pods: exactly(names).replace(/\\/g, '\\\\'),
      scope: place.matchers,
      namespace: workload.namespace,
      workload: workload.name,
      window: `${windowSeconds}s`,
    },
  };
}
