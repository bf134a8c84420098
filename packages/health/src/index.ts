export {
  fillPlaceholders,
  isScopedToPods,
  parseAssertions,
  type Assertion,
  type Placeholders,
} from './assertion.ts';
export { judge } from './judge.ts';
export type { MetricsRequest } from './metrics-observer.ts';
export type { ProbeRequest } from './prober.ts';
export { parseRequirement, satisfies, type Requirement } from './requirement.ts';
export {
  decideShare,
  evidenceAbove,
  evidenceBelow,
  requestsMissing,
  wilsonInterval,
  type ShareDecision,
  type ShareRisk,
  type ShareUnit,
} from './share-test.ts';
export type { Finding, FindingState, Judgement, Progress, Verdict } from './verdict.ts';
export {
  verifyHealth,
  type VerifyPorts,
  type VerifyRequest,
  type VerifyResult,
} from './verify-health.ts';
