import type { KubeError } from '@slipway/kube';
import type { Finding } from '../judge/index.ts';

/** An API server that never answered in this long is taken for absent. */
const neverReachedMs = 30_000;

/** Rights are missing without which nothing can be verified. */
export function lackingRights(rights: readonly string[], namespace: string): Finding {
  return {
    check: 'rights',
    state: 'blind',
    final: true,
    detail: `these credentials lack ${rights.join(', ')} in namespace ${namespace}`,
    wouldChange: 'a role with these rights',
    next: 'Give the service account the role in the README of verify-health.',
  };
}

/** Somebody else rolled out another revision: what was seen is no longer about one release. */
export function supersededRevision(before: string, now: string): Finding {
  return {
    check: 'revision',
    state: 'blind',
    final: true,
    detail: `another revision (${now}) was rolled out while ${before} was being verified`,
    wouldChange: 'one release at a time',
    next: 'Verify the newer revision; use a concurrency group in the workflow.',
  };
}

/** The cluster gave no answer. Final when it refused, or never answered at all. */
export function clusterOutage(error: KubeError, everSeen: boolean, elapsedMs: number): Finding {
  const refused = [401, 403, 404].includes(error.status) || error.reason === 'Untrusted';
  return {
    check: 'cluster',
    state: 'blind',
    final: refused || (!everSeen && elapsedMs >= neverReachedMs),
    detail: error.message,
    wouldChange: 'an answer from the API server',
    next:
      error.status === 404
        ? 'Correct the inputs workload and namespace.'
        : 'See that the kubeconfig is right and the API server reachable from this runner.',
  };
}
