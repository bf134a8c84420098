import { restartsOf, type PodRecord } from './pod-history.ts';
import type { Finding } from '../judge/index.ts';

/** Restarts that a young pod may have had before it was watched (a dependency was slow to start). */
const restartsForgiven = 2;
const youngMs = 15 * 60_000;

function fault(record: PodRecord, nowMs: number): string | undefined {
  const name = `pod/${record.pod.metadata?.name ?? ''}`;
  const oom = record.ends.find(({ reason }) => reason === 'OOMKilled');
  if (oom !== undefined)
    return `${name}, container ${oom.container} was killed for using too much memory (OOMKilled)`;
  const ended = record.ends.find(({ afterReady }) => afterReady);
  if (ended !== undefined)
    return `${name}, container ${ended.container} ended with exit code ${ended.exitCode} (${ended.reason}) after it had been ready`;
  const restarts = restartsOf(record.pod);
  if (restarts > restartsForgiven && nowMs - record.startedMs < youngMs)
    return `${name} has been restarted ${restarts} times`;
  if (record.flapsMs.length >= 2)
    return `${name} stopped being ready ${record.flapsMs.length} times`;
  return undefined;
}

/**
 * What the new pods' history says: a container that ended after it had been ready, one killed for
 * memory, repeated restarts, or readiness that comes and goes are bad for certain. One lost readiness
 * alone only begins the soak anew.
 */
export function podFinding(
  records: readonly PodRecord[],
  causes: ReadonlyMap<string, { text: string; logTail?: string }>,
  desired: number,
  nowMs: number,
): Finding {
  const check = 'pods';
  for (const record of records) {
    const detail = fault(record, nowMs);
    if (detail === undefined) continue;
    const name = record.pod.metadata?.name ?? '';
    const known = causes.get(name);
    return {
      check,
      state: 'bad',
      detail: known === undefined ? detail : `${detail}; ${known.text}`,
      wouldChange: 'pods that stay ready and are not restarted',
      next: `Look at: kubectl logs --previous pod/${name}`,
      ...(known?.logTail === undefined ? {} : { logTail: known.logTail }),
    };
  }
  const present = records.filter(({ leaving }) => !leaving);
  const ready = present.filter((record) => record.ready);
  const flaps = records.reduce((sum, { flapsMs }) => sum + flapsMs.length, 0);
  const restarts = present.reduce((sum, { pod }) => sum + restartsOf(pod), 0);
  const notes = [
    ...(restarts === 0 ? [] : [`${restarts} restarts`]),
    ...(flaps === 0 ? [] : [`readiness was lost ${flaps === 1 ? 'once' : `${flaps} times`}`]),
  ];
  const detail = [`${ready.length} of ${desired} new pods are ready`, ...notes].join(', ');
  return ready.length >= desired && ready.length === present.length
    ? { check, state: 'good', detail: notes.length === 0 ? `${detail}, no restart` : detail }
    : { check, state: 'open', detail, wouldChange: 'every new pod ready' };
}
