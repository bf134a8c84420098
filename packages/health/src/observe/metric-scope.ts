import { exactly, podLabel, quoteLabel, scrapeState, type ScrapeTarget } from '@slipway/prometheus';
import type { Placeholders } from '../judge/index.ts';
import type { PodRecord } from '@slipway/rollout';

/** The new pods as Prometheus's labels name them. */
export interface MetricScope {
  podLabel: string;
  /** Undefined where targets carry no label with the namespace. */
  namespaceLabel: string | undefined;
  /** How often the slowest of their targets is scraped. */
  intervalMs: number;
  /** Labels that the targets bring along, whatever the metric. */
  targetLabels: ReadonlySet<string>;
  placeholders: Placeholders;
  /** Matchers that select the new pods: `namespace="shop",pod=~"api-1|api-2"`. */
  matchers: string;
}

const usualIntervalMs = 15_000;

const scraped = ({ pod }: PodRecord) => ({
  name: pod.metadata?.name ?? '',
  namespace: pod.metadata?.namespace ?? '',
  ip: pod.status?.podIP,
});

/** Learns labels and intervals from the targets of `pods`, since relabelling rules differ. */
export function metricScope(
  targets: readonly ScrapeTarget[] | undefined,
  pods: readonly PodRecord[],
  workload: { namespace: string; name: string },
): MetricScope {
  const known = targets ?? [];
  const mine = pods.flatMap((record) => {
    const state = scrapeState(known, scraped(record));
    return state.rung === 'not-discovered' ? [] : [state.target];
  });
  const label = podLabel(known, pods.map(scraped));
  const namespaces = Object.entries(mine[0]?.labels ?? { namespace: workload.namespace })
    .filter(([, value]) => value === workload.namespace)
    .map(([name]) => name);
  const namespaceLabel = namespaces.includes('namespace') ? 'namespace' : namespaces[0];
  const intervals = mine.map(({ intervalMs }) => intervalMs ?? usualIntervalMs);
  const intervalMs = intervals.length === 0 ? usualIntervalMs : Math.max(...intervals);
  const names = exactly(pods.map(({ pod }) => pod.metadata?.name ?? ''));
  // Fewer than four scrapes leave `rate` with too few samples now and then.
  const windowSeconds = Math.ceil((4 * intervalMs) / 1000);
  const matchers = [
    ...(namespaceLabel === undefined
      ? []
      : [`${namespaceLabel}=${quoteLabel(workload.namespace)}`]),
    `${label}=~${quoteLabel(names)}`,
  ].join(',');
  const placeholders = {
    // Stands between quotes already: backslashes are doubled as in PromQL.
    pods: names.replace(/\\/g, '\\\\'),
    scope: matchers,
    namespace: workload.namespace,
    workload: workload.name,
    window: `${windowSeconds}s`,
  };
  const targetLabels = new Set(mine.flatMap(({ labels }) => Object.keys(labels)));
  return { podLabel: label, namespaceLabel, intervalMs, targetLabels, placeholders, matchers };
}

/** The pods as the targets show them. */
export function scrapeStates(targets: readonly ScrapeTarget[], pods: readonly PodRecord[]) {
  return pods.map((record) => ({
    name: record.pod.metadata?.name ?? '',
    state: scrapeState(targets, scraped(record)),
  }));
}
