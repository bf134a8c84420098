import type { Cause } from './cause.ts';
import { disruptionOf, isCutOff, isLeaving, isReady, lastingStatuses } from '../workload/index.ts';
import { containerCause } from './container-cause.ts';
import type { KubeEvent, Pod } from '../client/index.ts';

function schedulingCause(pod: Pod): Omit<Cause, 'object'> | undefined {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const message = scheduled.message ?? 'no node fits';
  if (scheduled.reason === 'SchedulingGated')
    return { reason: 'SchedulingGated', message, recovery: 'possible' };
  return { reason: 'Unschedulable', message, recovery: 'possible' };
}

function podEndCause(pod: Pod): Omit<Cause, 'object'> | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== 'Failed') return undefined;
  const disruption = disruptionOf(pod);
  if (disruption !== undefined) {
    const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    const detail = message ?? condition?.message ?? 'the node could not keep it';
    return { reason: disruption, message: detail, recovery: 'possible' };
  }
  if (reason === undefined) return undefined;
  return { reason, message: message ?? 'the pod failed', recovery: 'possible' };
}

function startCause(pod: Pod, events: readonly KubeEvent[]): Omit<Cause, 'object'> | undefined {
  if (pod.status?.phase !== 'Pending') return undefined;
  const event = events.find(
    ({ reason, type }) =>
      type === 'Warning' &&
      [
        'FailedMount',
        'FailedAttachVolume',
        'FailedCreatePodSandBox',
        'FailedMapVolume',
        'NetworkNotReady',
      ].includes(reason),
  );
  if (event === undefined) return undefined;
  const missing = /not found|references non-existent/i.test(event.message);
  return {
    reason: event.reason,
    message: event.message.trim(),
    recovery: missing ? 'unlikely' : 'possible',
  };
}

/** Containers that are all ready leave only the gates, which somebody else than the kubelet opens. */
function gateCause(pod: Pod): Omit<Cause, 'object'> | undefined {
  const conditions = pod.status?.conditions ?? [];
  const containers = conditions.find(({ type }) => type === 'ContainersReady');
  if (containers?.status === 'False') return undefined;
  const closed = (pod.spec?.readinessGates ?? []).find(
    ({ conditionType }) => conditions.find(({ type }) => type === conditionType)?.status !== 'True',
  );
  if (closed === undefined || pod.status?.phase !== 'Running') return undefined;
  const message = `the readiness gate ${closed.conditionType} is not met`;
  return { reason: 'ReadinessGate', message, recovery: 'possible' };
}

function readinessCause(pod: Pod, events: readonly KubeEvent[]): Omit<Cause, 'object'> | undefined {
  if (isReady(pod) || isLeaving(pod)) return undefined;
  if (isCutOff(pod))
    return {
      reason: 'NodeNotReady',
      message: `its node ${pod.spec?.nodeName ?? ''} does not report`.replace('  ', ' '),
      recovery: 'possible',
    };
  const running = lastingStatuses(pod).find(
    (status) => status.state?.running !== undefined && !status.ready,
  );
  if (running === undefined) return gateCause(pod);
  const probe = events.find(
    ({ reason, message }) => reason === 'Unhealthy' && /probe (failed|errored)/i.test(message),
  );
  if (probe === undefined)
    return {
      reason: 'NotReady',
      container: running.name,
      message: 'it runs but is not ready',
      recovery: 'possible',
    };
  const kind = /^(\w+) probe/i.exec(probe.message)?.[1] ?? 'Readiness';
  const times = probe.count > 1 ? ` (${probe.count} times)` : '';
  return {
    reason: `${kind}ProbeFailed`,
    container: running.name,
    message: `${probe.message.trim()}${times}`,
    recovery: 'possible',
  };
}

/**
 * The one thing that keeps a pod from serving, undefined when nothing does or nothing is known yet.
 * `events` may be of any objects, newest first. Pure; `readCauses` adds the log's end.
 */
export function podCause(pod: Pod, events: readonly KubeEvent[]): Cause | undefined {
  const uid = pod.metadata?.uid;
  const mine = events.filter((event) => event.object.uid === uid);
  const object = `pod/${pod.metadata?.name ?? ''}`;
  const lasting = new Set(lastingStatuses(pod));
  const found =
    podEndCause(pod) ??
    schedulingCause(pod) ??
    firstOf(pod.status?.initContainerStatuses, (status) =>
      containerCause(pod, status, mine, !lasting.has(status)),
    ) ??
    firstOf(pod.status?.containerStatuses, (status) => containerCause(pod, status, mine, false)) ??
    startCause(pod, mine) ??
    readinessCause(pod, mine);
  return found === undefined ? undefined : { object, ...found };
}

function firstOf<T, R>(
  items: readonly T[] | undefined,
  look: (item: T) => R | undefined,
): R | undefined {
  for (const item of items ?? []) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function makingCause(maker: { kind: string; name: string }, said: string): Cause {
  const quota = /exceeded quota/i.test(said);
  const refused = quota || /forbidden|denied|invalid|not found/i.test(said);
  return {
    reason: quota ? 'QuotaExceeded' : 'FailedCreate',
    object: `${maker.kind.toLowerCase()}/${maker.name}`,
    message: said.trim().replace(/^(\(combined from similar events\): )?Error creating: /, ''),
    recovery: refused ? 'unlikely' : 'possible',
  };
}

/**
 * Why a controller does not make pods (quota, admission, a missing service account): by its events, or by
 * what the workload's status keeps of them.
 */
export function makerCause(
  maker: { kind: string; name: string; uid: string },
  events: readonly KubeEvent[],
  makingFails?: string,
): Cause | undefined {
  const event = events.find(
    ({ reason, type, object }) =>
      object.uid === maker.uid &&
      type === 'Warning' &&
      /^(FailedCreate|ReplicaSetCreateError)$/.test(reason),
  );
  const said = event?.message ?? makingFails;
  if (said === undefined) return undefined;
  const cause = makingCause(maker, said);
  const named = event !== undefined && cause.reason !== 'QuotaExceeded';
  return named ? { ...cause, reason: event.reason } : cause;
}
