import { sortCauses, type Cause } from './cause.ts';
import { readEvents, type KubeClient, type Pod, readLogTail } from '../client/index.ts';
import { makerCause, podCause } from './pod-cause.ts';
import type { Workload } from '../workload/index.ts';

/** Reasons whose explanation is in what the container printed. */
const printed = /CrashLoopBackOff|OOMKilled|^Error$|ProbeFailed|NotReady|Completed|StartError/;

/**
 * Everything that Kubernetes can name as wrong with the given pods of a workload and with the making
 * of more, the worst first. Reads events once, and the log's end of at most two containers.
 */
export async function readCauses(
  client: KubeClient,
  workload: Workload,
  pods: readonly Pod[],
): Promise<Cause[]> {
  const { namespace } = workload.ref;
  const uids = [
    ...pods.map((pod) => pod.metadata?.uid ?? ''),
    ...workload.makers.map(({ uid }) => uid),
  ];
  const events = await readEvents(client, namespace, new Set(uids));
  const missing = pods.length < workload.desired;
  const causes = sortCauses(
    [
      ...pods.map((pod) => podCause(pod, events)),
      ...(missing ? workload.makers.map((maker) => makerCause(maker, events)) : []),
    ].filter((cause) => cause !== undefined),
  );
  let logs = 0;
  return await Promise.all(
    causes.map(async (cause) => {
      if (cause.container === undefined || !printed.test(cause.reason) || ++logs > 2) return cause;
      const pod = cause.object.replace(/^pod\//, '');
      const logTail = await readLogTail(client, { namespace, pod, container: cause.container });
      return logTail === undefined ? cause : { ...cause, logTail };
    }),
  );
}
