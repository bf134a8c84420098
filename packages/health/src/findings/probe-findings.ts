import type { Finding } from '../judge/index.ts';
import type { ProbeRecord } from './probe-record.ts';

const failuresInARow = 2;
const failuresInAll = 3;

/** What all new pods together say about one thing that they are asked. */
export interface ProbeEvidence {
  /** `probe /readyz`. */
  check: string;
  records: readonly ProbeRecord[];
  /** Pods that are to answer, whether they were asked yet or not. */
  pods: number;
}

const failsForCertain = ({ inARow, failures }: ProbeRecord): boolean =>
  inARow >= failuresInARow || failures >= failuresInAll;

/**
 * A failure that says more about the question or the way than about the service. On the way: of a pod that
 * never answered. In the question: when no pod ever answered otherwise, for one that alone does not know a
 * path is sick.
 */
function isDoubtful(record: ProbeRecord, anyWell: boolean): boolean {
  const doubt = record.lastFailure?.doubt;
  if (record.inARow < failuresInARow || record.everWell) return false;
  return doubt === 'way' || (doubt === 'question' && !anyWell);
}

function doubtFinding(check: string, record: ProbeRecord): Finding {
  const { why = '', doubt } = record.lastFailure ?? {};
  return doubt === 'question'
    ? {
        check,
        state: 'blind',
        settled: true,
        detail: `pod/${record.pod} answers ${why}, and no pod ever answered otherwise`,
        wouldChange: 'a path that answers 200 to 399 without a login',
        next: 'Correct the inputs probes and probe-port.',
      }
    : {
        check,
        state: 'blind',
        settled: true,
        detail: `pod/${record.pod}, which the kubelet holds ready, never answered us: ${why}`,
        wouldChange: 'an answer like the one that the kubelet gets',
        next: 'Correct probe-port and probe-scheme, or, where a mesh lets in nobody without a certificate, set probes to none.',
      };
}

function unaskedFinding(check: string, record: ProbeRecord): Finding | undefined {
  const { unasked } = record;
  if (unasked === undefined) return undefined;
  return {
    check,
    state: 'blind',
    settled: unasked.settled,
    ...(unasked.final === true ? { final: true } : {}),
    detail: `pod/${record.pod} could not be asked: ${unasked.why}`,
    wouldChange: 'a way from the API server to the pods',
    next: unasked.next ?? 'See the README on probes, or set probes to none.',
  };
}

const weight = (records: readonly ProbeRecord[]): number =>
  records.reduce((sum, { pods = 1 }) => sum + pods, 0);

/** Since when every pod has answered as it should; undefined when one does not. */
function wellSince(records: readonly ProbeRecord[], pods: number): number | undefined {
  const well = records.filter(
    ({ wellSinceMs, inARow }) => wellSinceMs !== undefined && inARow === 0,
  );
  if (pods === 0 || weight(well) < pods) return undefined;
  return Math.max(...well.map(({ wellSinceMs = 0 }) => wellSinceMs));
}

/** The state of one probe. What cannot be seen says nothing against the pods, so it holds up no soak. */
export function probeFinding(evidence: ProbeEvidence, beganMs: number): Finding {
  const { check, records, pods } = evidence;
  const anyWell = records.some(({ everWell }) => everWell);
  const doubtful = records.find((record) => isDoubtful(record, anyWell));
  const sick = records.find((record) => failsForCertain(record) && !isDoubtful(record, anyWell));
  if (sick !== undefined)
    return {
      check,
      state: 'bad',
      detail: `${sick.failures} of ${sick.attempts} requests to pod/${sick.pod} failed: ${sick.lastFailure?.why ?? ''}`,
      wouldChange: `fewer than ${failuresInARow} failures in a row and ${failuresInAll} in all, per pod`,
      next: `Look at: kubectl logs pod/${sick.pod}`,
    };
  if (doubtful !== undefined) return { ...doubtFinding(check, doubtful), wellSinceMs: beganMs };
  const unasked = records.map((record) => unaskedFinding(check, record)).find(Boolean);
  if (unasked !== undefined) return { ...unasked, wellSinceMs: beganMs };
  const asked = records.filter(({ attempts, inARow }) => attempts > 0 && inARow === 0);
  const attempts = records.reduce((sum, record) => sum + record.attempts, 0);
  const failures = records.reduce((sum, record) => sum + record.failures, 0);
  const slowest = Math.max(0, ...records.map(({ slowestMs }) => slowestMs));
  const detail = `${weight(asked)} of ${pods} pods answered last, ${attempts - failures} of ${attempts} requests, slowest ${slowest} ms`;
  const wellSinceMs = wellSince(records, pods);
  return wellSinceMs === undefined
    ? { check, state: 'open', detail, wouldChange: 'an answer of every new pod' }
    : { check, state: 'good', detail, wellSinceMs };
}
