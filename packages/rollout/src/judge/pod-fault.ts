import { isCutOff } from '@slipway/kube';
import { formatDuration } from '@slipway/runtime';
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
/** One that lasts as long is none either. */
const lostForMs = 60_000;

/** How its containers ended last, for restarts that nobody watched. */
function lastEndText({ pod }: PodRecord): string {
  const statuses = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  for (const { name, restartCount, state, lastState } of statuses) {
    const ended = state?.terminated ?? lastState?.terminated;
    if (restartCount === 0 || ended === undefined) continue;
    return `; container ${name} ended last with exit code ${ended.exitCode} (${ended.reason ?? 'Error'})`;
  }
  return '';
}

/** Milliseconds since 1970 when the pod came to its node; however often its containers began anew. */
function bornMs({ pod }: PodRecord): number {
  return Date.parse(pod.status?.startTime ?? pod.metadata?.creationTimestamp ?? '');
}

/**
 * What is certainly wrong about what a pod did: a container killed for memory, one that ended after the
 * pod had been ready, repeated restarts, readiness that comes and goes or stays away. Undefined when nothing
 * is; readiness lost once for less than a minute is nothing yet, and neither is what its deletion or its
 * node did to it.
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
  if (restarts > restartsForgiven && nowMs - bornMs(record) < youngMs)
    return fault('restarts', ` has been restarted ${restarts} times${lastEndText(record)}`);
  return failedFault(record, fault) ?? readinessFault(record, nowMs, fault);
}

type MakeFault = (kind: PodFault['kind'], text: string) => PodFault;

/** A pod that failed for good, by a limit of its own: one that its node ended is leaving. */
function failedFault({ pod, leaving }: PodRecord, fault: MakeFault): PodFault | undefined {
  const { phase, reason = 'Failed', message = 'no reason is given' } = pod.status ?? {};
  if (leaving || phase !== 'Failed') return undefined;
  return fault('ended', ` failed (${reason}): ${message.trim()}`);
}

function readinessFault(
  { pod, flapsMs, ready, leaving }: PodRecord,
  nowMs: number,
  fault: MakeFault,
): PodFault | undefined {
  if (flapsMs.length >= flapsTooMany)
    return fault('readiness', ` stopped being ready ${flapsMs.length} times`);
  const lostMs = flapsMs.at(-1);
  if (lostMs === undefined || ready || leaving || isCutOff(pod) || nowMs - lostMs < lostForMs)
    return undefined;
  return fault(
    'readiness',
    ` stopped being ready and has not been so for ${formatDuration(nowMs - lostMs)}`,
  );
}
