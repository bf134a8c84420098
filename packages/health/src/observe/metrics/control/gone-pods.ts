import { exactly, quoteLabel, type PrometheusClient, type Series } from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';

/** How far back pods are looked for: their last minute, and two scrapes of a slow Prometheus. */
const lookBackSeconds = 180;
const mostPods = 50;
/** They had served for long: nothing of theirs is a start. */
const longAgo = new Date(0).toISOString();

/** A pod that the API server does not know any more, as far as a comparison needs it. */
function gonePod(name: string, namespace: string, node: string | undefined): PodRecord {
  return {
    pod: {
      metadata: { name, namespace, uid: `gone ${name}` },
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
    leaving: false,
    gone: true,
  };
}

const nodeOf = (labels: Series['labels']): string | undefined =>
  labels['node'] ?? labels['kubernetes_node'] ?? labels['k8s_node_name'];

/**
 * Pods of earlier replica sets that were gone before anybody looked, as Prometheus remembers them at
 * `atMs`: by the names of their sets, in the label of pods' names. Throws PrometheusError.
 */
export async function findGonePods(
  client: PrometheusClient,
  of: { sets: readonly string[]; namespace: string; within: string; label: string; atMs: number },
): Promise<readonly PodRecord[]> {
  const { sets, namespace, within, label, atMs } = of;
  // So the controller ends the names that it makes.
  const pattern = `(${exactly(sets)})-[a-z0-9]{5}`;
  const matchers = [within, `${label}=~${quoteLabel(pattern)}`].filter((text) => text !== '');
  const query = `max_over_time(up{${matchers.join(',')}}[${lookBackSeconds}s]) == 1`;
  const { series } = await client.query(query, { timeMs: atMs });
  const pods = new Map(series.map(({ labels }) => [labels[label] ?? '', nodeOf(labels)]));
  return [...pods]
    .filter(([name]) => name !== '')
    .slice(0, mostPods)
    .map(([name, node]) => gonePod(name, namespace, node));
}
