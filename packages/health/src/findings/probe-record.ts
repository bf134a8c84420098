/**
 * How one attempt ended. A `doubt` says that the failure may lie in the question (`question`: no such
 * path, a login) or on the way (`way`: nothing listens, the connection was cut, another protocol or host
 * is wanted) rather than with the service.
 */
export type ProbeOutcome =
  | { kind: 'well'; durationMs: number }
  | { kind: 'failed'; why: string; durationMs: number; doubt?: 'question' | 'way' }
  /** Between us and the pod, not the pod's doing. `next` is what a person can do about it. */
  | { kind: 'unasked'; why: string; settled: boolean; final?: boolean; next?: string };

/** What asking one pod one thing came to. */
export interface ProbeRecord {
  pod: string;
  /** How many pods it is about, when it is a sum; else one. */
  pods?: number;
  attempts: number;
  failures: number;
  /** Failures since the last success. */
  inARow: number;
  slowestMs: number;
  /** Whether it ever answered as it should. */
  everWell: boolean;
  /** The first success after the last failure, in milliseconds since 1970. */
  wellSinceMs?: number;
  /** The last failure: `status 503, "not ready"`. */
  lastFailure?: { why: string; doubt?: 'question' | 'way' };
  /** Why the pod could not be asked at all, when that was so the last time. */
  unasked?: { why: string; settled: boolean; final?: boolean; next?: string };
}

/** A record of a pod that has not been asked yet. */
export function newProbeRecord(pod: string): ProbeRecord {
  return { pod, attempts: 0, failures: 0, inARow: 0, slowestMs: 0, everWell: false };
}

/** The record with one more attempt. */
export function recordProbe(record: ProbeRecord, outcome: ProbeOutcome, atMs: number): ProbeRecord {
  const { unasked: _, ...known } = record;
  if (outcome.kind === 'unasked') {
    const { kind: __, ...unasked } = outcome;
    return { ...known, unasked };
  }
  const tried = {
    ...known,
    attempts: record.attempts + 1,
    slowestMs: Math.max(record.slowestMs, outcome.durationMs),
  };
  if (outcome.kind === 'well')
    return { ...tried, inARow: 0, everWell: true, wellSinceMs: record.wellSinceMs ?? atMs };
  const { wellSinceMs: ___, ...broken } = tried;
  const { why, doubt } = outcome;
  return {
    ...broken,
    failures: record.failures + 1,
    inARow: record.inARow + 1,
    lastFailure: doubt === undefined ? { why } : { why, doubt },
  };
}

/**
 * The record of a pod that the kubelet does not hold ready: what failed around then is the rollout's to
 * judge, not ours.
 */
export function excuse(record: ProbeRecord): ProbeRecord {
  return { ...newProbeRecord(record.pod), everWell: record.everWell };
}

const isPlain = ({ inARow, failures, unasked, attempts }: ProbeRecord): boolean =>
  inARow === 0 && failures === 0 && unasked === undefined && attempts > 0;

/** Records in no more than about `max`: those of pods that just answer become one sum. */
export function condensed(records: readonly ProbeRecord[], max: number): readonly ProbeRecord[] {
  if (records.length <= max) return records;
  const plain = records.filter(isPlain);
  const others = records.filter((record) => !isPlain(record)).slice(0, max);
  const sum = plain.reduce<ProbeRecord>(
    (all, record) => ({
      pod: all.pod,
      pods: (all.pods ?? 0) + 1,
      attempts: all.attempts + record.attempts,
      failures: 0,
      inARow: 0,
      slowestMs: Math.max(all.slowestMs, record.slowestMs),
      everWell: true,
      wellSinceMs: Math.max(all.wellSinceMs ?? 0, record.wellSinceMs ?? 0),
    }),
    { ...newProbeRecord(plain[0]?.pod ?? ''), pods: 0 },
  );
  return plain.length === 0 ? others : [...others, sum];
}
