import {
  podCause,
  readLogTail,
  sortCauses,
  type Cause,
  type KubeClient,
  type Pod,
} from '@slipway/kube';
import { causeKind } from '@slipway/rollout';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import type { RolloutTarget } from './targets.ts';

/** What went wrong with the pods of hooks, kept since Helm may delete them at once. */
export interface HookCauses {
  /** Takes note of a pod; those of other workloads are passed over. */
  note: (pod: Pod) => void;
  /** That which waiting will not mend first, with the end of its log where that could be read. */
  first: () => Promise<Cause | undefined>;
}

/** How long the end of a log may keep the verdict waiting. */
const logPatienceMs = 2_000;

/** Collects for the hooks among `targets`; runs of them from before do not count. */
export function createHookCauses(options: {
  kube: KubeClient;
  clock: Clock;
  log: Log;
  targets: readonly RolloutTarget[];
}): HookCauses {
  const { kube, clock, log, targets } = options;
  const kept = new Map<string, Cause>();
  const reading = new Set<Promise<void>>();

  const keep = async (pod: Pod): Promise<void> => {
    const job = pod.metadata?.ownerReferences?.find(({ kind }) => kind === 'Job');
    const [kind, of] = job === undefined ? ['pod', pod.metadata] : ['job', job];
    const namespace = pod.metadata?.namespace ?? '';
    const isOurs = targets.some(
      ({ hook, ref, before }) =>
        hook &&
        ref.kind === kind &&
        ref.name === of?.name &&
        ref.namespace === namespace &&
        before?.uid !== of.uid,
    );
    const cause = isOurs ? podCause(pod, []) : undefined;
    const key = `${pod.metadata?.uid ?? ''}|${cause === undefined ? '' : causeKind(cause)}`;
    if (cause === undefined || kept.has(key)) return;
    kept.set(key, cause);
    if (cause.container === undefined) return;
    const name = pod.metadata?.name ?? '';
    const logTail = await readLogTail(kube, { namespace, pod: name, container: cause.container });
    if (logTail !== undefined) kept.set(key, { ...cause, logTail });
  };

  return {
    note: (pod) => {
      const read = keep(pod).catch((error: unknown) => {
        log.debug(`The log of a hook could not be read: ${errorMessage(error)}`);
      });
      reading.add(read);
      void read.finally(() => reading.delete(read));
    },
    first: async () => {
      await Promise.race([Promise.allSettled(reading), clock.sleep(logPatienceMs)]);
      return sortCauses([...kept.values()])[0];
    },
  };
}
