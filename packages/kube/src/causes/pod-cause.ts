import type { Cause } from './cause.ts';
import { disruptionOf, isLeaving, isReady } from '../workload/index.ts';
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

function readinessCause(pod: Pod, events: readonly KubeEvent[]): Omit<Cause, 'object'> | undefined {
  if (isReady(pod) || isLeaving(pod)) return undefined;
  const running = (pod.status?.containerStatuses ?? []).find(
    (status) => status.state?.running !== undefined && !status.ready,
  );
  if (running === undefined) return undefined;
  const probe = events.find(
    ({ reason, message }) => reason === 'Unhealthy' && /probe (failed|errored)/i.test(message),
  );
  if (probe !== undefined) {
    const kind = /^(\w+) probe/i.exec(probe.message)?.[1] ?? 'Readiness';
    const times = probe.count > 1 ? ` (${probe.count} times)` : '';
    return {
      reason: `${kind}ProbeFailed`,
      container: running.name,
      message: `${probe.message.trim()}${times}`,
      recovery: 'possible',
    };
  }
  const gate = pod.status?.conditions?.find(
    ({ type, status }) =>
      status !== 'True' &&
      (pod.spec?.readinessGates ?? []).some(({ conditionType }) => conditionType === type),
  );
  if (gate !== undefined)
    return {
      reason: 'ReadinessGate',
      message: `the readiness gate ${gate.type} is not met`,
      recovery: 'possible',
    };
  return {
    reason: 'NotReady',
    container: running.name,
    message: 'it runs but is not ready',
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
  const found =
    podEndCause(pod) ??
    schedulingCause(pod) ??
    firstOf(pod.status?.initContainerStatuses, (status) =>
      containerCause(pod, status, mine, true),
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

/** Why a controller does not make pods (quota, admission, a missing service account): by its events. */
export function makerCause(
  maker: { kind: string; name: string; uid: string },
  events: readonly KubeEvent[],
): Cause | undefined {
  const event = events.find(
    ({ reason, type, object }) =>
      object.uid === maker.uid &&
      type === 'Warning' &&
      /^(FailedCreate|ReplicaSetCreateError)$/.test(reason),
  );
  if (event === undefined) return undefined;
  const quota = /exceeded quota/i.test(event.message);
  const refused = quota || /forbidden|denied|invalid|not found/i.test(event.message);
  return {
    reason: quota ? 'QuotaExceeded' : event.reason,
    object: `${maker.kind.toLowerCase()}/${maker.name}`,
    message: event.message
      .trim()
      .replace(/^(\(combined from similar events\): )?Error creating: /, ''),
    recovery: refused ? 'unlikely' : 'possible',
  };
}
