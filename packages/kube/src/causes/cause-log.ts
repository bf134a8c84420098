import { readLogTail, type KubeClient } from '../client/index.ts';
import type { Cause } from './cause.ts';

/** Reasons whose explanation is in what the container printed. */
const printed = /CrashLoopBackOff|OOMKilled|^Error$|ProbeFailed|NotReady|Completed|StartError/;

/**
 * The cause with the end of its container's log, where that may explain it and can be read. Never throws
 * for what the cluster refuses.
 */
export async function withLogTail(
  client: KubeClient,
  namespace: string,
  cause: Cause,
): Promise<Cause> {
  const { container, object, reason } = cause;
  if (container === undefined || !printed.test(reason) || !object.startsWith('pod/')) return cause;
  const pod = object.slice('pod/'.length);
  const logTail = await readLogTail(client, { namespace, pod, container }).catch(() => undefined);
  return logTail === undefined ? cause : { ...cause, logTail };
}
