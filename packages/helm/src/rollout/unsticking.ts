import { causeText, KubeError, type Cause, type KubeClient, type Pod } from '@slipway/kube';
import { stuckPods, type RolloutState, type StuckPod } from '@slipway/rollout';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import type { RolloutTarget } from './targets.ts';

/** Frees rollouts that wait for ever for pods of earlier revisions. */
export interface Unsticking {
  /** Deletes what holds this target up, each pod in the state in which it was seen. */
  free: (target: RolloutTarget, state: RolloutState) => Promise<void>;
  /** What holds it up still; undefined when nothing does. */
  cause: (target: RolloutTarget, state: RolloutState) => Cause | undefined;
}

interface Ports {
  kube: KubeClient;
  clock: Clock;
  log: Log;
}

const command = ({ metadata }: Pod): string =>
  `kubectl delete pod ${metadata?.name ?? ''} -n ${metadata?.namespace ?? ''}`;

/** Deletes the pod unless it has changed since; false when that is forbidden. */
async function deletePod({ kube, log }: Ports, { pod, cause }: StuckPod): Promise<boolean> {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = pod.metadata ?? {};
  try {
    await kube.delete(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`,
      {},
      { uid, resourceVersion },
    );
    log.info(`Deleted ${causeText(cause)}`);
    return true;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 403) {
      log.warning(
        `${causeText(cause)}. It may not be deleted (grant delete on pods), so run: ${command(pod)}`,
        { title: 'Rollout held up by an earlier pod' },
      );
      return false;
    }
    log.debug(`pod/${name} was not deleted: ${errorMessage(error)}`);
    return true;
  }
}

/**
 * Does what Kubernetes calls a forced rollback, which it leaves to the user (StatefulSets, "Forced
 * rollback"): pods that are not ready and not of the wanted revision are deleted, so that their
 * controller makes them anew. `leftRevision` tells which revision of a workload is given up.
 */
export function createUnsticking(
  ports: Ports,
  leftRevision: (target: RolloutTarget) => string | undefined,
): Unsticking {
  const forbidden = new Set<string>();
  const tried = new Set<string>();
  const stuck = (target: RolloutTarget, state: RolloutState): readonly StuckPod[] =>
    stuckPods(state, ports.clock.now(), leftRevision(target));
  return {
    free: async (target, state) => {
      for (const one of stuck(target, state)) {
        const { uid = '', resourceVersion = '' } = one.pod.metadata ?? {};
        const seen = `${uid}|${resourceVersion}`;
        if (forbidden.has(uid) || tried.has(seen)) continue;
        tried.add(seen);
        if (!(await deletePod(ports, one))) forbidden.add(uid);
      }
    },
    cause: (target, state) => {
      const [first] = stuck(target, state);
      if (first === undefined) return undefined;
      const { cause, pod } = first;
      return { ...cause, message: `${cause.message}; to replace it: ${command(pod)}` };
    },
  };
}
