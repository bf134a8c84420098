export type { ControlUnit } from './control-group.ts';
export { evidenceAbove, type AboveEvidence } from './evidence-above.ts';
export { evidenceBelow, requestsMissing } from './evidence-below.ts';
export { fewestRequests } from './fewest-requests.ts';
export { failsFreshly } from './fresh-failure.ts';
export {
  decideShare,
  usualRisk,
  type ShareDecision,
  type ShareQuestion,
  type ShareRisk,
} from './share-decision.ts';
export type { ShareGroup } from './share-group.ts';
export type { ShareUnit } from './share-unit.ts';
export type { SharedFailures } from './shared-failures.ts';
export { wilsonInterval } from './wilson-interval.ts';
