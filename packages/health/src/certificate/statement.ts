import { boundJson, type Bounded } from './bounding.ts';
import { bytesOf, canonicalJson, digestOf, plainJson, type Json } from './canonical-json.ts';
import {
  predicateType,
  rulesVersion,
  type CertifiedEvidence,
  type HealthPredicate,
  type LeftOut,
} from './predicate.ts';
import { largestShare } from './largest-share.ts';
import { shortText } from './short-text.ts';
import type { ImageSubject } from './subjects.ts';

/** The certificate of a verification: an in-toto Statement, version 1, that is not signed yet. */
export interface HealthStatement {
  _type: typeof statementType;
  subject: readonly ImageSubject[];
  predicateType: typeof predicateType;
  predicate: HealthPredicate;
}

export const statementType = 'https://in-toto.io/Statement/v1';

/** Bytes of the whole certificate as canonical JSON. */
export const maxCertificateBytes = 200_000;
/** What the names of fields, the digest and what is said to be left out take. */
const frameBytes = 4_000;
const maxRequestBytes = 24_000;
const maxFindingBytes = 32_000;
const maxSubjects = 50;
const maxName = 400;

/** Makes the evidence of one check smaller; `exact` when a replay says the same from what is left. */
export type Compact = (evidence: Json, maxBytes: number) => Bounded & { exact: boolean };

/** What a certificate is made of. */
export type CertificateParts = Omit<
  HealthPredicate,
  'rules' | 'leftOut' | 'digest' | 'evidence'
> & {
  subjects: readonly ImageSubject[];
  evidence: readonly { check: string; evidence: unknown }[];
};

const byDropping: Compact = (evidence, maxBytes) => {
  const bounded = boundJson(evidence, maxBytes);
  return { ...bounded, exact: bounded.dropped === 0 };
};

function boundedEvidence(
  parts: CertificateParts['evidence'],
  compact: Readonly<Record<string, Compact | undefined>>,
  maxBytes: number,
): { evidence: CertifiedEvidence[]; leftOut: LeftOut[] } {
  const plain = parts.map(({ check, evidence }) => ({ check, evidence: plainJson(evidence) }));
  const share = largestShare(
    plain.map(({ evidence }) => bytesOf(evidence)),
    maxBytes,
  );
  const made = plain.map(({ check, evidence }) => ({
    check,
    ...(bytesOf(evidence) <= share
      ? { value: evidence, dropped: 0, exact: true }
      : (compact[check] ?? byDropping)(evidence, share)),
  }));
  return {
    evidence: made.map(({ check, value }) => ({ check, evidence: value })),
    leftOut: made
      .filter(({ dropped }) => dropped > 0)
      .map(({ check, dropped, exact }) => ({ from: check, elements: dropped, needed: !exact })),
  };
}

/** The list without its last elements, so that it takes at most `maxBytes`. */
function fitting<T>(list: readonly T[], maxBytes: number): readonly T[] {
  let bytes = 0;
  const end = list.findIndex((one) => (bytes += bytesOf(plainJson(one)) + 1) > maxBytes);
  return end < 0 ? list : list.slice(0, end);
}

/** All of the predicate but its evidence, bounded, and what of it is left out. */
function frameOf(parts: CertificateParts) {
  const { request, findings, cause, wouldChange, subjects, verdict, time } = parts;
  const assertions = fitting(request.assertions, maxRequestBytes);
  const told = fitting(
    findings.map(({ check, state, detail }) => ({
      check: shortText(check),
      state,
      detail: shortText(detail),
    })),
    maxFindingBytes,
  );
  const lost = (from: string, elements: number): LeftOut[] =>
    elements > 0 ? [{ from, elements, needed: false }] : [];
  return {
    frame: {
      rules: rulesVersion,
      time,
      request: {
        ...request,
        assertions,
        images: request.images.slice(0, maxSubjects).map((image) => image.slice(0, maxName)),
        probes: probesOf(request.probes),
      },
      verdict,
      cause: shortText(cause),
      ...(wouldChange === undefined ? {} : { wouldChange: shortText(wouldChange) }),
      findings: told,
    },
    leftOut: [
      ...lost('assertions', request.assertions.length - assertions.length),
      ...lost('findings', findings.length - told.length),
      ...lost('subjects', subjects.length - maxSubjects),
    ],
  };
}

/**
 * The certificate of `parts`, under 200 kB as canonical JSON: what does not fit is left out, the oldest
 * first, and named. `compact` knows better ways for some checks than leaving out.
 */
export function healthStatement(
  parts: CertificateParts,
  compact: Readonly<Record<string, Compact | undefined>> = {},
): HealthStatement {
  const subject = parts.subjects.slice(0, maxSubjects);
  const { frame, leftOut } = frameOf(parts);
  const taken = bytesOf(plainJson({ frame, subject })) + frameBytes;
  const bounded = boundedEvidence(parts.evidence, compact, maxCertificateBytes - taken);
  const predicate = plainJson({
    ...frame,
    evidence: bounded.evidence,
    leftOut: [...bounded.leftOut, ...leftOut],
  });
  const plain = predicate as unknown as Omit<HealthPredicate, 'digest'>;
  return {
    _type: statementType,
    subject,
    predicateType,
    predicate: { ...plain, digest: { sha256: digestOf(predicate) } },
  };
}

const maxProbes = 50;

function probesOf(probes: readonly string[] | 'auto'): readonly string[] | 'auto' {
  return probes === 'auto' ? probes : probes.slice(0, maxProbes).map((path) => path.slice(0, 100));
}

/** The certificate as the text that is written and compared: canonical JSON and a line's end. */
export function statementText(statement: HealthStatement | HealthPredicate): string {
  return `${canonicalJson(plainJson(statement))}\n`;
}
