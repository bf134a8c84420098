import { exactly, quoteLabel, type PrometheusClient, type Series } from '@slipway/prometheus';
import type { Placeholders } from '../judge/index.ts';

/** The workload whose pods run before the release. */
export interface LintedWorkload {
  kind: string;
  namespace: string;
  name: string;
}

/** The pods of a workload as this Prometheus knows them now. */
export interface RunningPods {
  /** Selects their series: `namespace="shop",pod=~"api-…"`. */
  matchers: string;
  /** The label of their names. */
  label: string;
  /** How often the slowest of them is scraped, in milliseconds. */
  intervalMs: number;
  /** Labels of their targets. */
  targetLabels: ReadonlySet<string>;
  placeholders: Placeholders;
}

const podLabels = ['pod', 'pod_name', 'kubernetes_pod_name', 'k8s_pod_name', 'exported_pod'];
const namespaceLabels = ['namespace', 'kubernetes_namespace', 'k8s_namespace_name'];
const usualIntervalMs = 15_000;

/** How controllers name the pods of a workload. */
export function podNamePattern({ kind, name }: LintedWorkload): string {
  const own = exactly([name]);
  if (kind === 'statefulset') return `${own}-[0-9]+`;
  if (kind === 'daemonset') return `${own}-[a-z0-9]{5}`;
  return `${own}-[a-z0-9]{1,10}-[a-z0-9]{5}`;
}

function medianPause({ points }: Series): number | undefined {
  const pauses = points
    .slice(1)
    .map(({ timeMs }, index) => timeMs - (points[index]?.timeMs ?? timeMs))
    .sort((a, b) => a - b);
  return pauses[Math.floor(pauses.length / 2)];
}

/** The slowest pod's interval, each pod by the one of its targets that is scraped most often. */
function slowestMs(targets: readonly Series[], label: string): number {
  const byPod = Map.groupBy(targets, ({ labels }) => labels[label] ?? '');
  const intervals = [...byPod.values()].flatMap((own) => {
    const known = own.map(medianPause).filter((ms) => ms !== undefined);
    return known.length === 0 ? [] : [Math.min(...known)];
  });
  return intervals.length === 0 ? usualIntervalMs : Math.max(1_000, ...intervals);
}

/**
 * The pods of `workload` that Prometheus has scraped in the last ten minutes, found by how their names are
 * made; undefined when there are none. Throws PrometheusError.
 */
export async function findRunningPods(
  client: PrometheusClient,
  workload: LintedWorkload,
  atMs: number,
): Promise<RunningPods | undefined> {
  const { namespace, name } = workload;
  const pattern = podNamePattern(workload);

  for (const label of podLabels) {
    const query = `up{${label}=~${quoteLabel(pattern)}}[600s]`;
    const { series } = await client.query(query, { timeMs: atMs });
    const within = namespaceLabels.find((one) =>
      series.some(({ labels }) => labels[one] === namespace),
    );
    const mine = series.filter(
      ({ labels }) => within === undefined || labels[within] === namespace,
    );
    const isElsewhere = mine.some(({ labels }) =>
      namespaceLabels.some((one) => (labels[one] ?? namespace) !== namespace),
    );
    if (mine.length === 0 || isElsewhere) continue;
    const matchers = [
      ...(within === undefined ? [] : [`${within}=${quoteLabel(namespace)}`]),
      `${label}=~${quoteLabel(pattern)}`,
    ].join(',');
    const intervalMs = slowestMs(mine, label);
    return {
      matchers,
      label,
      intervalMs,
      targetLabels: new Set(mine.flatMap(({ labels }) => Object.keys(labels))),
      placeholders: {
        // Stands between quotes already: backslashes are doubled as in PromQL.
        pods: pattern.replace(/\\/g, '\\\\'),
        scope: matchers,
        namespace,
        workload: name,
        window: `${Math.ceil((4 * intervalMs) / 1000)}s`,
      },
    };
  }
  return undefined;
}
