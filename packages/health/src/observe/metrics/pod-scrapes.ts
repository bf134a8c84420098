import {
  exactly,
  podLabels,
  quoteLabel,
  type PrometheusClient,
  type Series,
} from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';
import { createReadingWindow } from './counting/reading-window.ts';

/** What one scrape job knows of one pod. Times in milliseconds of Prometheus's clock. */
export interface ScrapedTarget {
  pod: string;
  /** Of its `up`: what relabelling made of the target. */
  labels: Readonly<Record<string, string>>;
  /** Its scrapes, in order of time. */
  scrapes: readonly { atMs: number; up: boolean }[];
}

/** How the new pods are found in this Prometheus. */
export interface PodPlace {
  /** Matchers that select them: `namespace="shop",pod=~"api-1|api-2"`. */
  matchers: string;
  /** The pod that labels are of. */
  podOf: (labels: Readonly<Record<string, string>>) => string | undefined;
}

/** Reads `up` of the new pods, piece by piece. */
export interface PodScrapes {
  /** Reads what is new at a time of Prometheus's clock. Throws PrometheusError. */
  read(pods: readonly PodRecord[], atMs: number): Promise<void>;
  /** By the labels that were found; by the usual ones until then. */
  place(pods: readonly PodRecord[]): PodPlace;
  targets(): readonly ScrapedTarget[];
  /** The label of pods' names and a matcher of the namespace, for pods that have no record. */
  naming(): { label: string; within: string } | undefined;
}

/** Labels that usually carry the pod's name. */
const usualLabels = ['pod', 'pod_name', 'kubernetes_pod_name', 'k8s_pod_name', 'exported_pod'];
const namespaceLabels = ['namespace', 'kubernetes_namespace', 'k8s_namespace_name'];
const scrapesKept = 2_000;
/** The list of all targets is long in a large Prometheus: it is read only when nothing else helps. */
const targetsEveryMs = 30_000;
const targetsReadsMost = 4;
const patienceMs = 10_000;

const nameOf = ({ pod }: PodRecord): string => pod.metadata?.name ?? '';

/** Patterns of `instance` by the pods' addresses: `10\\.0\\.0\\.7(:[0-9]+)?`. */
function addressPattern(pods: readonly PodRecord[]): string | undefined {
  const addresses = pods.map(({ pod }) => pod.status?.podIP).filter((ip) => ip !== undefined);
  if (addresses.length === 0) return undefined;
  const hosts = addresses.map((ip) => (ip.includes(':') ? `[${ip}]` : ip));
  return `(${exactly(hosts)})(:[0-9]+)?`;
}

/** What matches `label` of the pods, and nothing when there are none. */
function patternOf(pods: readonly PodRecord[], label: string): string {
  const names = exactly(pods.map(nameOf));
  return label === 'instance' ? (addressPattern(pods) ?? exactly([])) : names;
}

/** Whether labels name another namespace than that of the workload. */
function isElsewhere(labels: Series['labels'], namespace: string): boolean {
  return namespaceLabels.some((name) => (labels[name] ?? namespace) !== namespace);
}

function podByAddress(labels: Series['labels'], pods: readonly PodRecord[]): string | undefined {
  const host = (labels['instance'] ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const record = pods.find(({ pod }) => pod.status?.podIP === host);
  return record === undefined ? undefined : nameOf(record);
}

function podIn(
  labels: Series['labels'],
  pods: readonly PodRecord[],
  label: string,
): string | undefined {
  if (label === 'instance') return podByAddress(labels, pods);
  return pods.map(nameOf).find((name) => labels[label] === name);
}

/** A matcher of the namespace, by the label that `labels` of one of its pods have. */
function withinOf(namespace: string, labels: Series['labels'] | undefined): string[] {
  const ofNamespace =
    labels === undefined ? 'namespace' : namespaceLabels.find((name) => labels[name] === namespace);
  return ofNamespace === undefined ? [] : [`${ofNamespace}=${quoteLabel(namespace)}`];
}

/** Where the pods are: by `label`, and by the label of the namespace that `labels` of one of them have. */
function placeOf(
  pods: readonly PodRecord[],
  label: string,
  namespace: string,
  labels: Series['labels'] | undefined,
): PodPlace {
  return {
    matchers: [
      ...withinOf(namespace, labels),
      `${label}=~${quoteLabel(patternOf(pods, label))}`,
    ].join(','),
    podOf: (of) => (isElsewhere(of, namespace) ? undefined : podIn(of, pods, label)),
  };
}

function addScrapes(known: ScrapedTarget | undefined, series: Series, pod: string): ScrapedTarget {
  const before = known?.scrapes ?? [];
  const newest = before.at(-1)?.atMs ?? -Infinity;
  const more = series.points
    .filter(({ timeMs, value }) => timeMs > newest && Number.isFinite(value))
    .map(({ timeMs, value }) => ({ atMs: timeMs, up: value === 1 }));
  return { pod, labels: series.labels, scrapes: [...before, ...more].slice(-scrapesKept) };
}

/** A reader of `up` of the pods of one namespace; `beganMs` is when the verification began. */
export function createPodScrapes(
  client: PrometheusClient,
  namespace: string,
  beganMs: number,
): PodScrapes {
  const known = new Map<string, ScrapedTarget>();
  const window = createReadingWindow(beganMs);
  let label: string | undefined;
  let example: Series['labels'] | undefined;
  let targetsReads = 0;
  let targetsReadMs = -Infinity;

  /** The label by which any of the pods is found, of the usual ones; else of all targets. */
  const findLabel = async (pods: readonly PodRecord[], atMs: number): Promise<void> => {
    const matchers = [...usualLabels, 'instance'].map(
      (name) => `up{${name}=~${quoteLabel(patternOf(pods, name))}}`,
    );
    const { series } = await client.query(matchers.join(' or '), { timeMs: atMs });
    const mine = series.filter(({ labels }) => !isElsewhere(labels, namespace));
    label = [...usualLabels, 'instance'].find((name) =>
      mine.some(({ labels }) => podIn(labels, pods, name) !== undefined),
    );
    if (label !== undefined || targetsReads >= targetsReadsMost) return;
    // Pods that have only begun need some seconds to be discovered.
    targetsReadMs = Math.max(targetsReadMs, beganMs - targetsEveryMs + patienceMs);
    if (atMs - targetsReadMs < targetsEveryMs) return;
    targetsReads += 1;
    targetsReadMs = atMs;
    label = podLabels((await client.targets()) ?? [], namespace)[0];
  };

  return {
    place: (pods) => placeOf(pods, label ?? 'pod', namespace, example),
    targets: () => [...known.values()],
    naming: () =>
      label === undefined || label === 'instance' || example === undefined
        ? undefined
        : { label, within: withinOf(namespace, example).join(',') },
    read: async (all, atMs) => {
      // Nothing can be scraped of a pod that has no address.
      const pods = all.filter(({ pod }) => (pod.status?.podIP ?? '') !== '');
      if (pods.length === 0) return;
      if (label === undefined) await findLabel(pods, atMs);
      if (label === undefined) return;
      const lengthMs = window.lengthMs(pods, atMs);
      const matcher = `${label}=~${quoteLabel(patternOf(pods, label))}`;
      const range = `[${Math.ceil(lengthMs / 1000)}s]`;
      const { series } = await client.query(`up{${matcher}}${range}`, { timeMs: atMs });
      const seen = new Set<string>();
      for (const one of series) {
        const pod = podIn(one.labels, pods, label);
        if (pod === undefined || isElsewhere(one.labels, namespace)) continue;
        const key = JSON.stringify(one.labels);
        known.set(key, addScrapes(known.get(key), one, pod));
        example = one.labels;
        seen.add(pod);
      }
      const newest = series.map(({ points }) => points.at(-1)?.timeMs ?? -Infinity);
      const read = pods.filter((record) => seen.has(nameOf(record)));
      const newestMs = newest.length === 0 ? undefined : Math.max(...newest);
      window.done(read, { atMs, lengthMs, newestMs });
    },
  };
}
