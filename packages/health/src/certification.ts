import type { Pod, WorkloadRef } from '@slipway/kube';
import { checkpointOf, foldRecording } from '@slipway/rollout';
import {
  boundJson,
  bytesOf,
  healthStatement,
  imageSubjects,
  plainJson,
  redactedJson,
  type CertifiedRequest,
  type CertifiedVerdict,
  type Compact,
  type HealthStatement,
  type Json,
  type Redact,
} from './certificate/index.ts';
import type { ReleasedImage, RolloutEvidence } from './findings/index.ts';
import type { Assertion, Finding } from './judge/index.ts';
import type { Check, CheckTime, RolloutView } from './observe/index.ts';

/** In so many steps the beginning of a recording is folded away, until the rest fits. */
const steps = 16;

/** The rollout with the beginning of its recording replaced by what that came to. */
const compactRollout: Compact = (value, maxBytes) => {
  const evidence = value as unknown as RolloutEvidence;
  const { recording } = evidence;
  let compacted = value;
  for (let step = 1; step <= steps && bytesOf(compacted) > maxBytes; step += 1) {
    const gone = Math.ceil((recording.length * step) / steps);
    const before = checkpointOf(foldRecording(recording.slice(0, gone), evidence.before));
    compacted = plainJson({ ...evidence, before, recording: recording.slice(gone) });
  }
  const left = (compacted as unknown as RolloutEvidence).recording.length;
  const folded = recording.length - left;
  if (bytesOf(compacted) <= maxBytes) return { value: compacted, dropped: folded, exact: true };
  const bounded = boundJson(compacted, maxBytes);
  return { value: bounded.value, dropped: folded + bounded.dropped, exact: false };
};

/** The part of a request that a certificate tells. */
interface Asked {
  workload: WorkloadRef;
  images: readonly ReleasedImage[];
  probes: { paths: readonly string[] | 'auto' };
  metrics: { assertions: readonly Assertion[] } | undefined;
  minSoakMs: number;
  deadlineMs: number;
}

/** What was asked for, field by field: what is not named here stays out of certificates. */
function certifiedRequest(request: Asked): CertifiedRequest {
  const { kind, namespace, name } = request.workload;
  const { minSoakMs, deadlineMs, probes, metrics } = request;
  const assertions = plainJson(metrics?.assertions ?? []) as readonly Json[];
  return {
    workload: { kind, namespace, name },
    images: request.images.map((image) => `${image.name}@${image.digest}`),
    minSoakMs,
    deadlineMs,
    probes: probes.paths,
    assertions,
  };
}

/** What a verification knows at one instant. */
export interface Seen {
  request: Asked;
  time: CheckTime;
  checks: Readonly<Record<string, Check>>;
  rollout: RolloutView;
  /** Takes secrets out of what is certified, before it is cut short or digested. */
  redact: Redact;
}

/**
 * What each check has collected. Checks that say nothing at that instant are left out, since nothing
 * rests on them.
 */
export function evidenceOf({
  checks,
  time,
}: Pick<Seen, 'checks' | 'time'>): readonly { check: string; evidence: unknown }[] {
  return Object.entries(checks)
    .filter(([, check]) => check.findings(time).length > 0)
    .map(([name, check]) => ({ check: name, evidence: check.evidence() }));
}

/** The certificate of a verification. */
export function certify(
  { request, time, rollout, redact, ...seen }: Seen,
  judged: {
    verdict: CertifiedVerdict;
    cause: string;
    wouldChange: string | undefined;
    findings: readonly Finding[];
  },
): HealthStatement {
  const { verdict, cause, wouldChange, findings } = judged;
  const pods: readonly Pod[] = (rollout.truth(time.nowMs)?.present ?? []).map(({ pod }) => pod);
  const released = rollout.workload()?.template?.containers ?? [];
  const clean = <T>(value: T): T => redactedJson(plainJson(value), redact) as T;
  const parts = {
    subjects: imageSubjects(
      pods,
      released.map(({ name }) => name),
    ),
    request: clean(certifiedRequest(request)),
    time: { beganMs: time.beganMs, judgedMs: time.nowMs },
    evidence: evidenceOf({ ...seen, time }).map(({ check, evidence }) => ({
      check,
      evidence: clean(evidence),
    })),
    verdict,
    cause: redact(cause),
    findings: clean(findings),
    ...(wouldChange === undefined ? {} : { wouldChange: redact(wouldChange) }),
  };
  return healthStatement(parts, { rollout: compactRollout });
}

/** The certificate of what was seen when the job was cancelled. */
export function certifyCutOff(seen: Seen): HealthStatement {
  const findings = Object.values(seen.checks).flatMap((check) => check.findings(seen.time));
  const cause = 'the verification was cut off before there was a verdict';
  return certify(seen, { verdict: 'cut-off', cause, wouldChange: undefined, findings });
}
