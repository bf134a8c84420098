import { restartsOf, type PodRecord } from '../history/index.ts';

/** Something that a healthy pod does not do. */
export interface PodFault {
  /** The pod's name. */
  pod: string;
  kind: 'out-of-memory' | 'ended' | 'restarts' | 'readiness';
  /** One sentence that names the pod and the container. */
  text: string;
}

/** Restarts that a young pod may have had before it was watched (a dependency was slow to start). */
const restartsForgiven = 2;
const youngMs = 15 * 60_000;
/** Losses of readiness that are no accident any more. */
const flapsTooMany = 2;

/**
 * What is certainly wrong about what a pod did: a container killed for memory, one that ended after the
 * pod had been ready, repeated restarts, readiness that comes and goes. Undefined when nothing is; one
 * lost readiness alone is nothing yet, and neither is what its deletion or its node did to it.
 */
export function podFault(record: PodRecord, nowMs: number): PodFault | undefined {
  const pod = record.pod.metadata?.name ?? '';
  const fault = (kind: PodFault['kind'], text: string): PodFault => ({
    pod,
    kind,
    text: `pod/${pod}${text}`,
  });
  const oom = record.ends.find(({ reason }) => reason === 'OOMKilled');
  if (oom !== undefined)
    return fault(
      'out-of-memory',
      `, container ${oom.container} was killed for using too much memory (OOMKilled)`,
    );
  const ended = record.ends.find(({ afterReady }) => afterReady);
  if (ended !== undefined)
    return fault(
      'ended',
      `, container ${ended.container} ended with exit code ${ended.exitCode} (${ended.reason}) after it had been ready`,
    );
  const restarts = restartsOf(record.pod);
  if (restarts > restartsForgiven && nowMs - record.startedMs < youngMs)
    return fault('restarts', ` has been restarted ${restarts} times`);
  if (record.flapsMs.length >= flapsTooMany)
    return fault('readiness', ` stopped being ready ${record.flapsMs.length} times`);
  return undefined;
}
