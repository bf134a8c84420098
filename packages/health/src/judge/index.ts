export {
  type Assertion,
  fillPlaceholders,
  isScopedToPods,
  parseAssertions,
  type Placeholders,
} from './assertion.ts';
export { judge } from './judge.ts';
export { type MaxLatency, parseMaxLatency } from './max-latency.ts';
export { parseRequirement, type Requirement, satisfies } from './requirement.ts';
export {
  type ControlUnit,
  decideShare,
  failsFreshly,
  fewestRequests,
  type SharedFailures,
  type ShareDecision,
  type ShareGroup,
  type ShareQuestion,
  type ShareRisk,
  type ShareUnit,
  usualRisk,
  wilsonInterval,
} from './share/index.ts';
export { soakOf } from './soak.ts';
export type { Finding, FindingState, Judgement, Progress, Soak, Verdict } from './verdict.ts';
