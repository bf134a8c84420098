import type { Finding } from '../judge/index.ts';

/** An API server that never answered in this long is taken for absent. */
const neverReachedMs = 30_000;

/** A server that let us in before may refuse a request by mistake; not for this long. */
const refusedForMs = 10_000;
/** One that never did is asked three times. */
const neverLetInMs = 4_000;

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

/** Why the API server gave no answer, and since when that has been so. */
export interface ClusterOutage {
  message: string;
  /** 0 when nobody answered. */
  status: number;
  reason: string;
  /** Milliseconds since 1970. */
  sinceMs: number;
  /** What is there in place of a workload that is not: `deployment/api`. */
  nearest?: readonly string[];
}

function missingNext(nearest: readonly string[]): string {
  return nearest.length === 0
    ? 'Correct the inputs workload and namespace.'
    : `Correct the inputs workload and namespace; there is ${nearest.join(', ')}.`;
}

/** The cluster gave no answer. Final when it goes on refusing, or never answered at all. */
export function clusterOutage(
  outage: ClusterOutage,
  everSeen: boolean,
  time: { nowMs: number; elapsedMs: number },
): Finding {
  const forMs = time.nowMs - outage.sinceMs;
  const isHopeless = outage.status === 404 || outage.reason === 'Untrusted';
  const isRefused = outage.status === 401 || outage.status === 403;
  const never =
    isHopeless || (isRefused && forMs >= neverLetInMs) || time.elapsedMs >= neverReachedMs;
  return {
    check: 'cluster',
    state: 'blind',
    final: everSeen ? (isHopeless || isRefused) && forMs >= refusedForMs : never,
    detail: outage.message,
    wouldChange: 'an answer from the API server',
    next:
      outage.status === 404
        ? missingNext(outage.nearest ?? [])
        : 'See that the kubeconfig is right and the API server reachable from this runner.',
  };
}
