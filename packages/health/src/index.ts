export {
  fillPlaceholders,
  isScopedToPods,
  parseAssertions,
  type Assertion,
  type Placeholders,
  judge,
  type MaxLatency,
  parseMaxLatency,
  parseRequirement,
  satisfies,
  type Requirement,
  decideShare,
  failsFreshly,
  wilsonInterval,
  type ShareDecision,
  type ShareGroup,
  type ShareQuestion,
  type ShareRisk,
  type ShareUnit,
  type Finding,
  type FindingState,
  type Judgement,
  type Progress,
  type Verdict,
} from './judge/index.ts';
export { parseReleasedImage, type ReleasedImage } from './findings/index.ts';
export {
  maxCertificateBytes,
  predicateType,
  statementText,
  type CertifiedVerdict,
  type HealthPredicate,
  type HealthStatement,
  type ImageSubject,
  type Replay,
} from './certificate/index.ts';
export type { Series } from './findings/index.ts';
export { lintVerification, type Advice, type LintRequest } from './lint/index.ts';
export { backtest, type BacktestRequest, type PastVerdict } from './backtest/index.ts';
export { replay } from './replay.ts';
export {
  parseTraffic,
  safeOperations,
  type MetricsRequest,
  type ProbeRequest,
  type TrafficPlan,
  type TrafficRequest,
  errorShareName,
} from './observe/index.ts';
export {
  verifyHealth,
  type VerifyPorts,
  type VerifyRequest,
  type VerifyResult,
} from './verify-health.ts';
