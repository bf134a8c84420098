/** The series of one scrape job on one port of one pod, replica of Prometheus by replica. */
export interface SeriesSet {
  pod: string;
  /** What tells it from other sets of the same pod, without what is the pod's own: `job="api", port 8080`. */
  name: string;
  /** Scrapes of it that were read. */
  scrapes: number;
  /** What its counters grew by. */
  total: number;
}

/** Labels that differ from pod to pod within one scrape job. */
const ofPod = new Set(['instance', 'node', 'host', 'hostname', 'ip', 'pod_ip', 'uid', 'pod_uid']);

/**
 * The name of the series set that `labels` belong to, made of the labels that targets bring along
 * (`targetLabels`). What relabelling made of the pod's own name or address is left out, the port is not.
 */
export function seriesSetName(
  labels: Readonly<Record<string, string>>,
  options: { targetLabels: ReadonlySet<string>; pod: string },
): string {
  const port = /:(\d+)$/.exec(labels['instance'] ?? '')?.[1];
  const parts = Object.entries(labels)
    .filter(([name]) => options.targetLabels.has(name) && !ofPod.has(name) && name !== '__name__')
    .filter(([, value]) => !value.includes(options.pod))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`);
  return [...parts, ...(port === undefined ? [] : [`port ${port}`])].join(', ');
}

/** Counters that grew by this part of the most are taken for copies of the same ones. */
const copies = 0.8;

/**
 * The one set by which each pod is counted, by pod: several scrape jobs, or two Prometheis, know the
 * same counters, and adding them up would count each request several times. The same kind of set is
 * taken for all pods where it can be: of those whose counters grew most, the one that was scraped most.
 */
export function chooseSets(sets: readonly SeriesSet[]): ReadonlyMap<string, string> {
  const sums = new Map<string, { name: string; pods: number; total: number; scrapes: number }>();
  for (const { name, total, scrapes } of sets) {
    const sum = sums.get(name) ?? { name, pods: 0, total: 0, scrapes: 0 };
    sums.set(name, {
      name,
      pods: sum.pods + 1,
      total: sum.total + total,
      scrapes: sum.scrapes + scrapes,
    });
  }
  const most = Math.max(0, ...[...sums.values()].map(({ total }) => total));
  const rank = [...sums.values()]
    .sort(
      (a, b) =>
        Number(b.total >= most * copies) - Number(a.total >= most * copies) ||
        b.pods - a.pods ||
        b.scrapes - a.scrapes ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ name }) => name);
  const chosen = new Map<string, string>();
  for (const { pod, name } of sets) {
    const known = chosen.get(pod);
    if (known === undefined || rank.indexOf(name) < rank.indexOf(known)) chosen.set(pod, name);
  }
  return chosen;
}
