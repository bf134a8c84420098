export { boundJson, type Bounded } from './bounding.ts';
export { bytesOf, plainJson, type Json } from './canonical-json.ts';
export {
  predicateType,
  rulesVersion,
  type CertifiedEvidence,
  type CertifiedRequest,
  type CertifiedVerdict,
  type HealthPredicate,
} from './predicate.ts';
export { redactedJson, type Redact } from './redacted-json.ts';
export { replayPredicate, type Replay } from './replayed-predicate.ts';
export {
  healthStatement,
  maxCertificateBytes,
  statementText,
  type Compact,
  type HealthStatement,
} from './statement.ts';
export { imageSubjects, type ImageSubject } from './subjects.ts';
