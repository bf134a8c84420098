import type { Finding, Verdict } from '../judge/index.ts';
import type { Json } from './canonical-json.ts';

/**
 * Names the form of the predicate, as in-toto asks for; nothing is fetched from there. Another form gets
 * another number.
 */
export const predicateType = 'https://github.com/OWNER/slipway/verified-health/v1';

/**
 * The rules by which evidence becomes a verdict. Another number, whenever the same evidence may lead to
 * another verdict: a replay by other rules proves nothing.
 */
export const rulesVersion = 2;

/** `cut-off`: the job was cancelled before there was a verdict. */
export type CertifiedVerdict = Verdict | 'cut-off';

/** What was asked for. Holds no address and no credential. Durations in milliseconds. */
export interface CertifiedRequest {
  workload: { kind: string; namespace: string; name: string };
  /** Released images by their digests, where the verification waited for them. */
  images: readonly string[];
  minSoakMs: number;
  deadlineMs: number;
  /** Paths that the pods were asked for; `auto` for those that the kubelet asks. */
  probes: readonly string[] | 'auto';
  /** Names, queries and limits, as they were given. */
  assertions: readonly Json[];
}

/** What one check had collected when the verdict was given. */
export interface CertifiedEvidence {
  /** The key of its pure rule: `rollout`, `probes`, `metrics`. */
  check: string;
  evidence: Json;
}

/** Something that would have made the certificate too large. */
export interface LeftOut {
  /** Of a check's evidence, or `assertions`, `findings`. */
  from: string;
  /** Elements that are not there, the oldest first. */
  elements: number;
  /** Whether a replay needs them: of the rollout, what they came to is kept instead. */
  needed: boolean;
}

/** The predicate of the statement: evidence, verdict, and how one follows from the other. */
export interface HealthPredicate {
  rules: number;
  request: CertifiedRequest;
  /** Milliseconds since 1970 by the runner's clock: the begin, and the instant of the verdict. */
  time: { beganMs: number; judgedMs: number };
  evidence: readonly CertifiedEvidence[];
  verdict: CertifiedVerdict;
  cause: string;
  wouldChange?: string;
  findings: readonly CertifiedFinding[];
  /** Empty when the certificate holds all that was collected. */
  leftOut: readonly LeftOut[];
  /** Of the canonical predicate without this field. */
  digest: { sha256: string };
}

/** A finding without the lines of a log, which may hold anything. */
export type CertifiedFinding = Pick<Finding, 'check' | 'state' | 'detail'>;
