import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterFacts, PodFact } from './cluster-facts.ts';

/** What happens to pods in the ordinary life of a cluster, brought about by its own API. */
export interface ClusterLife {
  /**
   * Evicts a pod through the Eviction API, which is all that `kubectl drain` does to it. A node of the demo
   * may be the only one, or somebody's own: none is cordoned.
   */
  evict(namespace: string, pod: string): Promise<void>;
  scale(namespace: string, deployment: string, replicas: number): Promise<void>;
}

/** Brings things about with kubectl. */
export function clusterLife(tools: { kubectl: string; kubeconfig: string }): ClusterLife {
  const kubectl = (args: readonly string[], input = ''): Promise<void> =>
    new Promise((resolve, reject) => {
      const all = [...args, '--kubeconfig', tools.kubeconfig];
      const child = execFile(tools.kubectl, all, (error: Error | null) =>
        error === null ? resolve() : reject(error),
      );
      child.stdin?.end(input);
    });
  return {
    evict: (namespace, pod) =>
      kubectl(
        ['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, '-f', '-'],
        JSON.stringify({
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name: pod, namespace },
        }),
      ),
    scale: (namespace, deployment, replicas) =>
      kubectl([
        ...['scale', `deployment/${deployment}`, '--namespace', namespace],
        `--replicas=${replicas}`,
      ]),
  };
}

/** What was done to a deployment while it was verified. Milliseconds since 1970. */
export interface Disturbance {
  evicted: string;
  evictedMs: number;
  scaledMs: number;
  from: number;
  to: number;
}

const patienceMs = 60_000;

async function podsWhen(
  facts: ClusterFacts,
  of: { namespace: string; service: string },
  enough: (pods: readonly PodFact[]) => boolean,
): Promise<readonly PodFact[]> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const pods = await facts.pods(of.namespace, of.service);
    if (enough(pods) || Date.now() > until) return pods;
    await pause(250);
  }
}

/** Evicts one pod of a deployment, waits for the one that replaces it, and then takes one pod away. */
export async function disturb(
  { facts, life }: { facts: ClusterFacts; life: ClusterLife },
  of: { namespace: string; service: string },
): Promise<Disturbance> {
  const before = await facts.pods(of.namespace, of.service);
  const evicted = before[0]?.name ?? '';
  await life.evict(of.namespace, evicted);
  const evictedMs = Date.now();
  const from = before.length;
  await podsWhen(
    facts,
    of,
    (pods) => pods.filter(({ name, ready }) => ready && name !== evicted).length >= from,
  );
  const to = from - 1;
  await life.scale(of.namespace, of.service, to);
  return { evicted, evictedMs, scaledMs: Date.now(), from, to };
}
