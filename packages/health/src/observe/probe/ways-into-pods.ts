import { mayAccess, type KubeClient } from '@slipway/kube';
import type { ProbeOutcome } from '../../findings/index.ts';

/** What is known of the two ways from the API server into pods. */
export interface WaysIntoPods {
  /** The proxy: cheap, but with a Host and headers of its own. */
  proxy(): boolean;
  /** The port-forward: requests as they are. */
  forward(): boolean;
  /** Whether any pod has ever answered. */
  reached(): boolean;
  noteReached(): void;
  /** A port-forward was refused with this status. */
  noteRefusal(status: number): void;
  /** The proxy's answer to this target was of no use; it need not be asked again. */
  noteBeyond(key: string): void;
  isKnownBeyond(key: string): boolean;
  /** What a target comes to that no way leads to. */
  closed(): ProbeOutcome;
  forwardRights: string;
  /** What a person can do about it. */
  advice(): string;
}

const forwardVerbs = ['get', 'create'] as const;
const rights = 'get and create pods/portforward';
/** Refusals after which the other way is taken for good: no right, or a server that cannot do it. */
const lasting = new Set([101, 200, 400, 403, 405, 501]);

/**
 * Asks the API server beforehand which ways these credentials may go. What it will not say is tried.
 * A WebSocket is authorized as `get`; since Kubernetes 1.35 it takes `create` as well.
 */
export async function findWays(client: KubeClient, namespace: string): Promise<WaysIntoPods> {
  const may = async (verb: string, resource: string): Promise<boolean> =>
    (await mayAccess(client, { verb, group: '', resource, namespace })) !== false;
  const [proxy, ...forward] = await Promise.all([
    may('get', 'pods/proxy'),
    ...forwardVerbs.map((verb) => may(verb, 'pods/portforward')),
  ]);
  let forwards = forward.every(Boolean);
  let reached = false;
  const beyond = new Set<string>();
  const advice = (): string =>
    `Add the rules for pods/proxy and pods/portforward of docs/cluster-access/verify-health.yaml to the Role, or set probes to none.`;
  return {
    proxy: () => proxy,
    forward: () => forwards,
    reached: () => reached,
    noteReached: () => {
      reached = true;
    },
    noteRefusal: (status) => {
      if (lasting.has(status)) forwards = false;
    },
    noteBeyond: (key) => {
      beyond.add(key);
    },
    isKnownBeyond: (key) => beyond.has(key) && forwards,
    closed: () => ({
      kind: 'unasked',
      settled: true,
      // No right comes of waiting, so a long soak would only hold up the news.
      final: true,
      why: `these credentials lack ${proxy ? '' : 'get pods/proxy and '}${rights}`,
      next: advice(),
    }),
    forwardRights: rights,
    advice,
  };
}
