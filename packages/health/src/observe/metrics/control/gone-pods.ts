import { exactly, quoteLabel, type PrometheusClient, type Series } from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';

/** How far back pods are looked for: their last minute, and two scrapes of a slow Prometheus. */
const lookBackSeconds = 180;
const mostPods = 50;
/** They had served for long: nothing of theirs is a start. */
const longAgo = new Date(0).toISOString();

/** How long before its end a pod is told to leave, as `leavingSince` of old pods takes it. */
const usualGraceMs = 30_000;

/** A pod that is gone, as far as a comparison needs it; it counts until `lastMs`, or until it ends. */
function gonePod(
  name: string,
  namespace: string,
  node: string | undefined,
  lastMs?: number,
): PodRecord {
  const left =
    lastMs === undefined
      ? {}
      : { deletionTimestamp: new Date(lastMs + usualGraceMs).toISOString() };
  return {
    pod: {
      metadata: { name, namespace, uid: `gone ${name}`, ...left },
      spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
      status: {
        // Only so that it is asked about: pods without an address are not.
        podIP: '0.0.0.0',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: longAgo }],
      },
    },
    startedMs: 0,
    ready: true,
    everReady: true,
    flapsMs: [],
    ends: [],
    leaving: lastMs !== undefined,
    gone: true,
  };
}

const nodeOf = (labels: Series['labels']): string | undefined =>
  labels['node'] ?? labels['kubernetes_node'] ?? labels['k8s_node_name'];

/** Where and when gone pods are looked for; `atMs` is of Prometheus's clock. */
interface GoneScope {
  namespace: string;
  within: string;
  label: string;
  atMs: number;
}

function upOf({ within, label }: GoneScope, pattern: string): string {
  const matchers = [within, `${label}=~${quoteLabel(pattern)}`].filter((text) => text !== '');
  return `up{${matchers.join(',')}}`;
}

/**
 * Pods of earlier replica sets that were gone before anybody looked, as Prometheus remembers them at
 * `atMs`: by the names of their sets, in the label of pods' names. Throws PrometheusError.
 */
export async function findGonePods(
  client: PrometheusClient,
  { sets, ...scope }: GoneScope & { sets: readonly string[] },
): Promise<readonly PodRecord[]> {
  const { label, namespace, atMs } = scope;
  // So the controller ends the names that it makes.
  const up = upOf(scope, `(${exactly(sets)})-[a-z0-9]{5}`);
  const query = `max_over_time(${up}[${lookBackSeconds}s]) == 1`;
  const { series } = await client.query(query, { timeMs: atMs });
  const pods = new Map(series.map(({ labels }) => [labels[label] ?? '', nodeOf(labels)]));
  return [...pods]
    .filter(([name]) => name !== '')
    .slice(0, mostPods)
    .map(([name, node]) => gonePod(name, namespace, node));
}

const keyOf = ({ labels }: Series): string => JSON.stringify(Object.entries(labels).sort());

/**
 * Pods of earlier revisions of a stateful set or daemon set that were gone before anybody looked. Their names
 * tell nothing, and those of a stateful set come back: a pod is an earlier one when its target was up before
 * the current revision was made (`revisionBeganMs`, Prometheus's clock) and is no more, and counts until its
 * last scrape. `aheadMs` is how far Prometheus's clock is ahead. Throws PrometheusError.
 */
export async function findReplacedPods(
  client: PrometheusClient,
  of: GoneScope & { pattern: string; revisionBeganMs: number; aheadMs: number },
): Promise<readonly PodRecord[]> {
  const { label, namespace, atMs, revisionBeganMs, aheadMs } = of;
  const up = upOf(of, of.pattern);
  const [before, now, recent] = await Promise.all([
    client.query(up, { timeMs: revisionBeganMs }),
    client.query(up, { timeMs: atMs }),
    client.query(`${up}[${lookBackSeconds}s]`, { timeMs: atMs }),
  ]);
  const there = new Set(now.series.map(keyOf));
  const earlier = new Set(before.series.filter(({ points }) => points[0]?.value === 1).map(keyOf));
  return recent.series
    .filter((series) => earlier.has(keyOf(series)) && !there.has(keyOf(series)))
    .slice(0, mostPods)
    .flatMap(({ labels, points }) => {
      const last = points.findLast(({ value }) => value === 1);
      const name = labels[label] ?? '';
      if (last === undefined || name === '') return [];
      return [gonePod(name, namespace, nodeOf(labels), last.timeMs - aheadMs)];
    });
}
