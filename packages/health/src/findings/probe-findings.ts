import type { Finding } from '../judge/index.ts';

/** What probing one path of one pod came to. */
export interface ProbeRecord {
  pod: string;
  path: string;
  attempts: number;
  failures: number;
  /** Failures since the last success. */
  inARow: number;
  slowestMs: number;
  /** The last failure: `503, "not ready"`, `no answer within 5 s`. */
  lastFailure: string | undefined;
  lastStatus: number;
  /** Why the pod could not be asked at all, when that was so the last time. */
  unasked: { why: string; settled: boolean } | undefined;
}

/** How one attempt ended. */
export type ProbeOutcome =
  | { kind: 'answered'; status: number; durationMs: number; body: string }
  | { kind: 'no-answer'; why: string }
  /** Between us and the pod, not the pod's doing: no permission, no route from the control plane. */
  | { kind: 'unasked'; why: string; settled: boolean };

/** A record of a pod that has not been asked yet. */
export function newProbeRecord(pod: string, path: string): ProbeRecord {
  return {
    pod,
    path,
    attempts: 0,
    failures: 0,
    inARow: 0,
    slowestMs: 0,
    lastFailure: undefined,
    lastStatus: 0,
    unasked: undefined,
  };
}

/** The record with one more attempt. Statuses 200 to 399 are a success, as for the kubelet. */
export function recordProbe(record: ProbeRecord, outcome: ProbeOutcome): ProbeRecord {
  if (outcome.kind === 'unasked')
    return { ...record, unasked: { why: outcome.why, settled: outcome.settled } };
  const tried = { ...record, attempts: record.attempts + 1, unasked: undefined };
  const failed = (lastFailure: string, lastStatus: number): ProbeRecord => ({
    ...tried,
    failures: record.failures + 1,
    inARow: record.inARow + 1,
    lastFailure,
    lastStatus,
  });
  if (outcome.kind === 'no-answer') return failed(outcome.why, 0);
  const { status, durationMs, body } = outcome;
  const slowestMs = Math.max(record.slowestMs, durationMs);
  if (status >= 200 && status < 400) return { ...tried, inARow: 0, slowestMs, lastStatus: status };
  const said = body.replace(/\s+/g, ' ').trim().slice(0, 120);
  return {
    ...failed(`status ${status}${said === '' ? '' : `, ${JSON.stringify(said)}`}`, status),
    slowestMs,
  };
}

/** Statuses that say more about the question than about the service's health. */
const aboutTheQuestion = new Set([401, 403, 404, 405]);
const failuresInARow = 2;
const failuresInAll = 3;

/** What all new pods together say about one probed path. */
export function probeFinding(path: string, records: readonly ProbeRecord[], pods: number): Finding {
  const check = `probe ${path}`;
  const succeeded = records.some(({ attempts, failures }) => attempts > failures);
  const questionable = records.find(
    ({ lastStatus, inARow }) => inARow >= failuresInARow && aboutTheQuestion.has(lastStatus),
  );
  if (questionable !== undefined && !succeeded)
    return {
      check,
      state: 'blind',
      settled: true,
      detail: `pod/${questionable.pod} answers ${questionable.lastFailure ?? ''}, and no pod ever answered otherwise`,
      wouldChange: 'a path that answers 200 to 399 without a login',
      next: 'Correct the inputs probes and probe-port.',
    };
  const sick = records.find(
    ({ inARow, failures }) => inARow >= failuresInARow || failures >= failuresInAll,
  );
  if (sick !== undefined)
    return {
      check,
      state: 'bad',
      detail: `${sick.failures} of ${sick.attempts} requests to pod/${sick.pod} failed: ${sick.lastFailure ?? ''}`,
      wouldChange: `fewer than ${failuresInARow} failures in a row and ${failuresInAll} in all, per pod`,
      next: `Look at: kubectl logs pod/${sick.pod}`,
    };
  const unasked = records.find((record) => record.unasked !== undefined);
  if (unasked?.unasked !== undefined)
    return {
      check,
      state: 'blind',
      settled: unasked.unasked.settled,
      detail: `pod/${unasked.pod} could not be asked: ${unasked.unasked.why}`,
      wouldChange: 'a way from the API server to the pods',
      next: unasked.unasked.why.includes('pods/proxy')
        ? 'Allow the verb get on pods/proxy, or set probes to none.'
        : 'See the README on probes, or set probes to none.',
    };
  const asked = records.filter(({ attempts, inARow }) => attempts > 0 && inARow === 0);
  const attempts = records.reduce((sum, record) => sum + record.attempts, 0);
  const failures = records.reduce((sum, record) => sum + record.failures, 0);
  const slowest = Math.max(0, ...records.map(({ slowestMs }) => slowestMs));
  const detail = `${asked.length} of ${pods} pods answered last, ${attempts - failures} of ${attempts} requests, slowest ${slowest} ms`;
  return pods > 0 && asked.length >= pods
    ? { check, state: 'good', detail }
    : { check, state: 'open', detail, wouldChange: 'an answer of every new pod' };
}
