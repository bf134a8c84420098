export { renderStepSummary, type StepSummary } from './step-summary.ts';
